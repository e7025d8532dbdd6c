/* run-path.c: what new run files are called, and where they go
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "trace/weft-run-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define MOST_NAME_CHARS 60
#define MOST_TRIES 100

char *
weft_run_file_default_folder (void)
{
  return g_build_filename (g_get_user_cache_dir (), "weftline", "runs", NULL);
}

char *
weft_run_file_new_path (const char *folder, const char *name)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *when = g_date_time_format (now, "%Y%m%d-%H%M%S");
  g_autofree char *plain = g_strdup (name);
  g_autofree char *file = NULL;

  g_strcanon (plain, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS, '-');
  if (strlen (plain) > MOST_NAME_CHARS)
    plain[MOST_NAME_CHARS] = '\0';
  file = g_strdup_printf ("%s-%s-%08x.weft", plain, when, g_random_int ());
  return g_build_filename (folder, file, NULL);
}

static char *
fail (GError **error, const char *path, int code)
{
  g_set_error (error, G_FILE_ERROR, (int) g_file_error_from_errno (code), "%s: %s", path,
               g_strerror (code));
  return NULL;
}

char *
weft_run_file_make (const char *folder, const char *name, GError **error)
{
  g_autofree char *path = NULL;
  int fd = -1;

  if (g_mkdir_with_parents (folder, 0700) != 0)
    return fail (error, folder, errno);
  for (int i = 0; i < MOST_TRIES && fd < 0; i++)
    {
      g_free (path);
      path = weft_run_file_new_path (folder, name);
      fd = open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
      if (fd < 0 && errno != EEXIST)
        break;
    }
  if (fd < 0)
    return fail (error, path, errno);
  close (fd);
  return g_steal_pointer (&path);
}
