// A file that is dropped beside a field for files would replace the page, with all that is written on it.

for (const name of ["dragover", "drop"]) addEventListener(name, refuse);

function refuse(event) {
  if (event.dataTransfer?.types.includes("Files") && !event.target.closest?.("input[type=file]")) event.preventDefault();
}
