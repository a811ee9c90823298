// What these modules have of the page's script: given to them, for what is loaded later shares no file with what is loaded at once.

export const kit = {};
