/* temp_dir.h - a private folder that goes away with all that a test put into it. */
#ifndef TEST_UNIT_SUPPORT_PKG_KUBE_TEMP_DIR_H
#define TEST_UNIT_SUPPORT_PKG_KUBE_TEMP_DIR_H

char *temp_dir_give(void);     /* aborts when there is none to be had */
void temp_dir_free(char *dir); /* removes it recursively */
/* Writes dir/name (name may hold slashes: folders are made); the path is owned by the caller. */
char *temp_dir_write(const char *dir, const char *name, const char *text);

#endif
