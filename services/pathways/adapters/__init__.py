"""Where the pathways service meets its media: HTTP, and the files of the methodology."""
