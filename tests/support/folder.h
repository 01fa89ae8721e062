#pragma once
/* A folder below /tmp for a test to fill. */

enum { FOLDER_ROOM = 40 };

void folder_make(char to[FOLDER_ROOM]);
/* Writes a file there, with the folders above it: folder_write(root, "templates/texts/ru.json", "{}"). */
void folder_write(const char *folder, const char *path, const char *content);
void folder_remove(const char *folder); /* and all that is in it */
