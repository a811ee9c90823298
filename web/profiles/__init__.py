"""People as others see them: the directory, the page of a person, and one's own profile with its picture and status."""
