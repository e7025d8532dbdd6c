/* weftline-writer.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "session/weftline-writer.h"

#include <fcntl.h>
#include <glib.h>
#include <string.h>

/* Whether a descriptor of the process is for writing. */
static gboolean
is_writable (const char *process, const char *descriptor)
{
  g_autofree char *path = g_build_filename (process, "fdinfo", descriptor, NULL);
  g_autofree char *text = NULL;
  const char *flags;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return FALSE;
  flags = strstr (text, "flags:");
  return flags != NULL
         && (g_ascii_strtoull (flags + strlen ("flags:"), NULL, 8) & O_ACCMODE) != O_RDONLY;
}

static gboolean
has_open (const char *process, const struct stat *file)
{
  g_autofree char *folder_name = g_build_filename (process, "fd", NULL);
  g_autoptr (GDir) folder = g_dir_open (folder_name, 0, NULL);
  const char *name;
  struct stat other;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder_name, name, NULL);

      if (stat (path, &other) == 0 && other.st_dev == file->st_dev && other.st_ino == file->st_ino
          && is_writable (process, name))
        return TRUE;
    }
  return FALSE;
}

WeftlineWriter
weftline_writer_look (uint32_t pid, const struct stat *file)
{
  g_autofree char *process = g_strdup_printf ("/proc/%u", pid);

  if (pid == 0)
    return WEFTLINE_WRITER_UNKNOWN;
  if (has_open ("/proc/self", file)) /* a copy that goes on */
    return WEFTLINE_WRITER_HAS_IT;
  if (!g_file_test (process, G_FILE_TEST_EXISTS))
    return WEFTLINE_WRITER_GONE;
  return has_open (process, file) ? WEFTLINE_WRITER_HAS_IT : WEFTLINE_WRITER_UNKNOWN;
}

/* The first lane is the process. */
uint32_t
weftline_writer_pid (const WeftModel *model)
{
  WeftModelSnapshot snapshot;
  WeftModelLane lane;

  weft_model_snapshot (model, &snapshot);
  if (snapshot.n_lanes == 0)
    return 0;
  weft_model_lane (model, 0, &lane);
  return lane.kind == WEFT_LANE_CONTROL ? lane.pid : 0;
}
