/* keep.c: results kept in a folder, for later runs
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * One file for each fingerprint, in the codec's form, in 256 folders by its first two digits. A
 * file is written under another name and renamed when it is whole; the codec's checksums are
 * verified when it is read, so a damaged one counts as missing. Nobody needs a lock: who writes
 * the same fingerprint writes the same value.
 */
#include "cli/weft-cli-graph-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

struct _WeftKeep
{
  char *path; /* (nullable): nothing is kept */
};

static void
set_io_error (GError **error, const char *what, const char *path)
{
  int code = errno;

  g_set_error (error, G_FILE_ERROR, (int) g_file_error_from_errno (code), "%s: %s: %s", path, what,
               g_strerror (code));
}

static WeftKeep *
keep_new (const char *path)
{
  WeftKeep *keep = g_new0 (WeftKeep, 1);

  keep->path = g_strdup (path);
  return keep;
}

WeftKeep *
_weft_cli_keep_open (const char *path, bool create, GError **error)
{
  if (create && g_mkdir_with_parents (path, 0777) != 0)
    {
      set_io_error (error, "cannot make the folder of kept results", path);
      return NULL;
    }
  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s: no folder of kept results",
                   path);
      return NULL;
    }
  return keep_new (path);
}

void
_weft_cli_keep_free (WeftKeep *keep)
{
  if (keep == NULL)
    return;
  g_free (keep->path);
  g_free (keep);
}

/* ---- the run file's word --------------------------------------------------------------------- */

/* The value of "keep" in the META frame, as run.c wrote it. (nullable) (transfer full) */
static char *
keep_of_meta (WeftRunText meta)
{
  static const char name[] = "\"keep\": \"";
  g_autofree char *text = g_strndup (meta.chars, meta.n_bytes);
  const char *at = strstr (text, name);
  GString *path;

  if (at == NULL)
    return NULL;
  path = g_string_new (NULL);
  for (at += strlen (name); *at != 0 && *at != '"'; at++)
    {
      if (*at == '\\' && at[1] != 0)
        at++;
      g_string_append_c (path, *at);
    }
  return g_string_free (path, FALSE);
}

/* FALSE with @error when it is no run file. */
static bool
read_meta (const char *path, char **kept, GError **error)
{
  WeftRunReader *reader = weft_run_reader_open (path, 0, error);
  WeftRunFrame frame;
  WeftRunText meta;

  *kept = NULL;
  if (reader == NULL)
    return false;
  while (*kept == NULL && weft_run_reader_next (reader, &frame, NULL) == WEFT_RUN_READ_FRAME)
    if (frame.head.kind == WEFT_FRAME_META && weft_run_frame_json (&frame, &meta))
      *kept = keep_of_meta (meta);
  weft_run_reader_free (reader);
  return true;
}

WeftKeep *
_weft_cli_keep_open_run (const char *path, GError **error)
{
  g_autofree char *kept = NULL;

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return keep_new (path);
  if (!read_meta (path, &kept, error))
    return NULL;
  if (kept != NULL)
    return _weft_cli_keep_open (kept, false, error);
  return keep_new (NULL);
}

/* ---- files ----------------------------------------------------------------------------------- */

static char *
file_of (const WeftKeep *keep, WeftFingerprint print, bool make_folder)
{
  char text[WEFT_FINGERPRINT_TEXT_BYTES];
  g_autofree char *folder = NULL;

  _weft_cli_fingerprint_text (print, text);
  folder = g_strdup_printf ("%s/%.2s", keep->path, text);
  if (make_folder)
    g_mkdir (folder, 0777);
  return g_strdup_printf ("%s/%s.value", folder, text);
}

GBytes *
_weft_cli_keep_load (WeftKeep *keep, WeftFingerprint print)
{
  g_autofree char *path = NULL;
  char *bytes;
  gsize n_bytes;
  size_t n_used = 0;
  WeftValue value = WEFT_VALUE_INIT;

  if (keep->path == NULL)
    return NULL;
  path = file_of (keep, print, false);
  if (!g_file_get_contents (path, &bytes, &n_bytes, NULL))
    return NULL;
  if (!weft_value_decode (NULL, NULL, (const uint8_t *) bytes, n_bytes, 0, &value, &n_used, NULL)
      || n_used != n_bytes)
    {
      weft_value_clear (&value);
      g_free (bytes);
      return NULL;
    }
  weft_value_clear (&value);
  return g_bytes_new_take (bytes, n_bytes);
}

static bool
write_part (const void *bytes, size_t n_bytes, void *data, GError **error)
{
  const int *fd = data;
  const char *at = bytes;

  while (n_bytes > 0)
    {
      ssize_t n = write (*fd, at, n_bytes);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          set_io_error (error, "cannot write", "kept result");
          return false;
        }
      at += n;
      n_bytes -= (size_t) n;
    }
  return true;
}

bool
_weft_cli_keep_store (WeftKeep *keep, WeftFingerprint print, const WeftValue *value, GError **error)
{
  g_autofree char *path = file_of (keep, print, true);
  g_autofree char *part = NULL;
  bool good;
  int fd;

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return true;
  part = g_strdup_printf ("%s.XXXXXX", path);
  fd = g_mkstemp_full (part, O_WRONLY | O_CLOEXEC, 0666);
  if (fd < 0)
    {
      set_io_error (error, "cannot make the file", part);
      return false;
    }
  good = weft_value_encode_to (value, WEFT_COMPRESSION_LZ4, write_part, &fd, error);
  if (close (fd) != 0 && good)
    {
      set_io_error (error, "cannot write", part);
      good = false;
    }
  if (good && rename (part, path) != 0)
    {
      set_io_error (error, "cannot rename", part);
      good = false;
    }
  if (!good)
    unlink (part);
  return good;
}
