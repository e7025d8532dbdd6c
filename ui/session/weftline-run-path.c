/* weftline-run-path.c: where run files go while their runs are known
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "session/weftline-run-path.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_NAME 60

static void
set_error (GError **error, const char *path)
{
  int code = errno;

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code), _ ("%s: %s"), path,
               g_strerror (code));
}

char *
weftline_new_run_path (const char *folder, const char *name, GError **error)
{
  g_autofree char *place =
      folder != NULL ? g_strdup (folder)
                     : g_build_filename (g_get_user_cache_dir (), "weftline", "runs", NULL);
  g_autofree char *plain = g_strdup (name);
  g_autofree char *file = NULL;
  g_autofree char *path = NULL;
  int fd;

  if (g_mkdir_with_parents (place, 0700) != 0)
    {
      set_error (error, place);
      return NULL;
    }
  g_strcanon (plain, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS, '-');
  if (strlen (plain) > MAX_NAME)
    plain[MAX_NAME] = '\0';
  file = g_strdup_printf ("%s-XXXXXX.weft", plain);
  path = g_build_filename (place, file, NULL);
  fd = g_mkstemp_full (path, O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0)
    {
      set_error (error, path);
      return NULL;
    }
  close (fd);
  return g_steal_pointer (&path);
}
