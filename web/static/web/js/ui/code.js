// Code that is wider than its box scrolls by keyboard too, which not every browser lets it do by itself.

for (const code of document.querySelectorAll("pre")) code.tabIndex = 0;
