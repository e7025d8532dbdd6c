/* weft-spill-private.h: the private folder of a spill store
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "store/weft-spill.h"

typedef struct
{
  char *path;  /* absolute */
  int fd;      /* of the folder; -1: none */
  int lock_fd; /* held while the folder is in use */
} WeftSpillFolder;

/* Removes what dead processes left, makes a new folder. FALSE with WEFT_SPILL_ERROR_FOLDER. */
bool _weft_spill_folder_init (WeftSpillFolder *folder, const char *parent, GError **error);
/* Removes the folder with its files (remove), or only lets go of it. */
void _weft_spill_folder_clear (WeftSpillFolder *folder, bool remove);
