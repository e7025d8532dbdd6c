/* read.c: graphs for commands, and what is to be said of the files they are in
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "cli/weft-cli-private.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

WeftGraph *
_weft_cli_read_graph (const char *path, WeftGraphFormat format, GError **error)
{
  WeftGraph *graph = weft_graph_read_file (path, format, error);

  for (uint32_t i = 0; graph != NULL && i < weft_graph_n_notes (graph); i++)
    _weft_cli_say ("%s", weft_graph_note (graph, i));
  return graph;
}

/* A pipe or a device is not overwritten by being written to. */
static bool
is_that_file (const char *path, const struct stat *that)
{
  struct stat info;

  return stat (path, &info) == 0 && S_ISREG (info.st_mode) && info.st_dev == that->st_dev
         && info.st_ino == that->st_ino;
}

bool
_weft_cli_spare (const char *input, const char *kind, const char *what, const char *path,
                 GError **error)
{
  struct stat info;
  bool there =
      strcmp (input, "-") == 0 ? fstat (STDIN_FILENO, &info) == 0 : stat (input, &info) == 0;

  if (!there || path == NULL || !is_that_file (path, &info))
    return true;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "%s “%s”: this is the file the %s is in, expected another; nothing was written",
               what, path, kind);
  return false;
}
