/* keep.c: results kept in a folder, for later runs
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * One file for each fingerprint, in the codec's form, in 256 folders by its first two digits. A
 * file is written under another name and renamed when it is whole; the codec's checksums are
 * verified when it is read, so a damaged one counts as missing; so does one that names a file which
 * is gone or was changed. Which recipe made a declared file last is noted in a file of its own, or
 * told by the run file. A note is withdrawn before the file is made again, so that one that was
 * made by half vouches for nothing; what people do to the file in between is theirs to know, as in
 * make. Nobody needs a lock: who writes the same fingerprint writes the same value.
 */
#include "cli/weft-cli-graph-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

struct _WeftKeep
{
  char *path;       /* (nullable): nothing is kept */
  GHashTable *made; /* (nullable): recipes that a run file tells of, as text */
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
  if (keep->made != NULL)
    g_hash_table_unref (keep->made);
  g_free (keep);
}

/* ---- the run file's word --------------------------------------------------------------------- */

static void
append_recipe (GString *text, const char *head, WeftFingerprint recipe)
{
  char hex[WEFT_FINGERPRINT_TEXT_BYTES];

  _weft_cli_fingerprint_text (recipe, hex);
  g_string_append_printf (text, "%s%s:%s", text->len > 0 ? " " : "", head, hex);
}

/* "12:‹recipe›" is of task 12, ":‹recipe›" of one that was reused. */
char *
_weft_cli_recipes_text (const WeftFingerprint *recipes, uint32_t n_tasks, const GArray *made)
{
  GString *text = g_string_new (NULL);

  for (uint32_t task = 0; task < n_tasks; task++)
    if (!_weft_cli_fingerprint_is_empty (recipes[task]))
      {
        char number[16];

        g_snprintf (number, sizeof number, "%u", task);
        append_recipe (text, number, recipes[task]);
      }
  for (guint i = 0; made != NULL && i < made->len; i++)
    append_recipe (text, "", g_array_index (made, WeftFingerprint, i));
  return g_string_free (text, FALSE);
}

/* The string under @name in the META frame, as run.c wrote it. (nullable) (transfer full) */
static char *
string_of_meta (WeftRunText meta, const char *name)
{
  g_autofree char *text = g_strndup (meta.chars, meta.n_bytes);
  g_autofree char *wanted = g_strdup_printf ("\"%s\": \"", name);
  const char *at = strstr (text, wanted);
  GString *string;

  if (at == NULL)
    return NULL;
  string = g_string_new (NULL);
  for (at += strlen (wanted); *at != 0 && *at != '"'; at++)
    {
      if (*at == '\\' && at[1] != 0)
        at++;
      g_string_append_c (string, *at);
    }
  return g_string_free (string, FALSE);
}

/* What a run file says. */
typedef struct
{
  char *kept;        /* (nullable): the folder */
  GHashTable *makes; /* (nullable): task → recipe's text */
  GHashTable *made;  /* recipes of those that ended well, or were reused */
} Told;

static void
read_makes (Told *told, const char *text)
{
  g_auto (GStrv) words = text != NULL ? g_strsplit (text, " ", -1) : NULL;

  if (words == NULL)
    return;
  told->makes = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  for (char **word = words; *word != NULL; word++)
    {
      char *end;
      uint64_t task = g_ascii_strtoull (*word, &end, 10);

      if (**word == ':')
        g_hash_table_add (told->made, g_strdup (*word + 1));
      else if (*end == ':' && task < WEFT_NONE)
        g_hash_table_insert (told->makes, GUINT_TO_POINTER ((guint) task), g_strdup (end + 1));
    }
}

static void
read_record (Told *told, const WeftRecord *record)
{
  const char *recipe;
  WeftOutcome outcome = weft_record_outcome (record);
  bool ended_well = record->kind == WEFT_RECORD_TASK && (record->flags & WEFT_RECORD_CONTINUED) == 0
                    && (outcome == WEFT_OUTCOME_OK || outcome == WEFT_OUTCOME_REPLACED);

  if (record->segment != 0 || !ended_well)
    return;
  recipe = g_hash_table_lookup (told->makes, GUINT_TO_POINTER (record->task));
  if (recipe != NULL)
    g_hash_table_add (told->made, g_strdup (recipe));
}

static void
read_frame (Told *told, const WeftRunFrame *frame)
{
  WeftRunText meta;
  WeftRecordsHead head;
  const WeftRecord *records;
  uint32_t n = 0;

  if (frame->head.kind == WEFT_FRAME_META && told->makes == NULL && told->kept == NULL
      && weft_run_frame_json (frame, &meta))
    {
      g_autofree char *makes = string_of_meta (meta, "makes");

      told->kept = string_of_meta (meta, "keep");
      read_makes (told, makes);
    }
  if (told->makes != NULL && frame->head.kind == WEFT_FRAME_RECORDS
      && weft_run_frame_records (frame, &head, &records, &n))
    for (uint32_t i = 0; i < n; i++)
      read_record (told, &records[i]);
}

/* FALSE with @error when it is no run file. */
static bool
read_run (const char *path, Told *told, GError **error)
{
  WeftRunReader *reader = weft_run_reader_open (path, 0, error);
  WeftRunFrame frame;

  if (reader == NULL)
    return false;
  told->made = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  while (weft_run_reader_next (reader, &frame, NULL) == WEFT_RUN_READ_FRAME)
    read_frame (told, &frame);
  if (told->makes != NULL)
    g_hash_table_unref (told->makes);
  weft_run_reader_free (reader);
  return true;
}

WeftKeep *
_weft_cli_keep_open_run (const char *path, GError **error)
{
  Told told = { 0 };
  WeftKeep *keep;

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return keep_new (path);
  if (!read_run (path, &told, error))
    return NULL;
  keep = told.kept != NULL ? _weft_cli_keep_open (told.kept, false, error) : keep_new (NULL);
  if (keep != NULL)
    keep->made = g_steal_pointer (&told.made);
  else
    g_hash_table_unref (told.made);
  g_free (told.kept);
  return keep;
}

/* ---- files ----------------------------------------------------------------------------------- */

static char *
file_of (const WeftKeep *keep, WeftFingerprint print, const char *ending, bool make_folder)
{
  char text[WEFT_FINGERPRINT_TEXT_BYTES];
  g_autofree char *folder = NULL;

  _weft_cli_fingerprint_text (print, text);
  folder = g_strdup_printf ("%s/%.2s", keep->path, text);
  if (make_folder)
    g_mkdir (folder, 0777);
  return g_strdup_printf ("%s/%s.%s", folder, text, ending);
}

/* Where it is noted which recipe made a file. (transfer full) */
static char *
note_of (const WeftKeep *keep, const char *path, bool make_folder)
{
  XXH128_hash_t hash = XXH3_128bits (path, strlen (path));

  return file_of (keep, (WeftFingerprint){ { hash.high64, hash.low64 } }, "made", make_folder);
}

/* The recipe that is noted of a file. (transfer full) (nullable): none is */
static char *
noted_recipe (const WeftKeep *keep, const char *path)
{
  g_autofree char *note = keep->path != NULL ? note_of (keep, path, false) : NULL;
  char *text = NULL;

  if (note != NULL && g_file_get_contents (note, &text, NULL, NULL))
    text[strcspn (text, " \n")] = 0;
  return text;
}

/* A note is younger than a run file, which does not tell of files but of recipes. */
static bool
was_made_by (const WeftKeep *keep, const char *recipe, const char *path)
{
  g_autofree char *noted = noted_recipe (keep, path);

  if (noted != NULL)
    return strcmp (noted, recipe) == 0;
  return keep->made != NULL && g_hash_table_contains (keep->made, recipe);
}

bool
_weft_cli_keep_was_made (WeftKeep *keep, WeftFingerprint recipe, const WeftTaskFiles *files)
{
  char text[WEFT_FINGERPRINT_TEXT_BYTES];

  _weft_cli_fingerprint_text (recipe, text);
  for (guint i = 0; i < files->outputs->len; i++)
    if (!was_made_by (keep, text, files->outputs->pdata[i]))
      return false;
  return true;
}

bool
_weft_cli_keep_note_made (WeftKeep *keep, WeftFingerprint recipe, const WeftTaskFiles *files,
                          GError **error)
{
  char text[WEFT_FINGERPRINT_TEXT_BYTES];

  _weft_cli_fingerprint_text (recipe, text);
  for (guint i = 0; i < files->outputs->len; i++)
    {
      const char *path = files->outputs->pdata[i];
      g_autofree char *note = note_of (keep, path, true);

      if (g_file_test (path, G_FILE_TEST_EXISTS) && !g_file_set_contents (note, text, -1, error))
        return false;
    }
  return true;
}

void
_weft_cli_keep_withdraw (WeftKeep *keep, const WeftTaskFiles *files)
{
  for (guint i = 0; keep->path != NULL && i < files->outputs->len; i++)
    {
      g_autofree char *note = note_of (keep, files->outputs->pdata[i], false);

      unlink (note);
    }
}

/* Whether the files that a value names are as they were; a file value says no more than that they
 * were made. */
static bool
files_are_there (const WeftValue *value)
{
  const WeftFile *file = (const WeftFile *) value->u.box;
  const WeftList *list = (const WeftList *) value->u.box;
  const WeftRecordValue *record = (const WeftRecordValue *) value->u.box;
  bool good = true;
  struct stat status;

  switch ((int) weft_value_type (value))
    {
    case WEFT_TYPE_FILE:
      return stat (file->path, &status) == 0 && (uint64_t) status.st_size == file->size_bytes
             && (int64_t) status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec
                    == file->modified_wall_ns;
    case WEFT_TYPE_LIST:
      for (uint64_t i = 0; i < list->n_items && good; i++)
        good = files_are_there (&list->items[i]);
      return good;
    case WEFT_TYPE_RECORD:
      for (uint32_t i = 0; i < record->n_fields && good; i++)
        good = files_are_there (&record->values[i]);
      return good;
    default:
      return true;
    }
}

int64_t
_weft_cli_keep_stored_ns (WeftKeep *keep, WeftFingerprint print)
{
  g_autofree char *path = keep->path != NULL ? file_of (keep, print, "value", false) : NULL;
  struct stat status;

  if (path == NULL || stat (path, &status) != 0)
    return -1;
  return (int64_t) status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec;
}

/* A file that a task made is what it returned, also once somebody touched or changed it. Its value
 * as it is now. (transfer full) (nullable): it is none of these */
static GBytes *
renew (const WeftValue *value, const WeftTaskFiles *files)
{
  const WeftFile *file = (const WeftFile *) value->u.box;
  g_autofree char *path = NULL;
  WeftValue fresh = WEFT_VALUE_INIT;
  WeftBuffer *encoded;
  GBytes *bytes = NULL;
  struct stat status;

  if (weft_value_type (value) != WEFT_TYPE_FILE || stat (file->path, &status) != 0)
    return NULL;
  path = g_canonicalize_filename (file->path, NULL);
  if (!g_ptr_array_find_with_equal_func (files->outputs, path, g_str_equal, NULL)
      || weft_value_init_file (&fresh, file->path, (uint64_t) status.st_size,
                               (int64_t) status.st_mtim.tv_sec * 1000000000
                                   + status.st_mtim.tv_nsec)
             != WEFT_OK)
    return NULL;
  if (weft_value_encode (&fresh, WEFT_COMPRESSION_NONE, &encoded, NULL))
    {
      bytes = g_bytes_new (encoded->bytes, encoded->n_bytes);
      weft_buffer_unref (encoded);
    }
  weft_value_clear (&fresh);
  return bytes;
}

GBytes *
_weft_cli_keep_load (WeftKeep *keep, WeftFingerprint print, const WeftTaskFiles *files,
                     bool *renewed)
{
  g_autofree char *path = NULL;
  g_autofree char *bytes = NULL;
  gsize n_bytes;
  size_t n_used = 0;
  WeftValue value = WEFT_VALUE_INIT;
  GBytes *kept = NULL;

  *renewed = false;
  if (keep->path == NULL)
    return NULL;
  path = file_of (keep, print, "value", false);
  if (!g_file_get_contents (path, &bytes, &n_bytes, NULL))
    return NULL;
  if (weft_value_decode (NULL, NULL, (const uint8_t *) bytes, n_bytes, 0, &value, &n_used, NULL)
      && n_used == n_bytes)
    {
      *renewed = !files_are_there (&value);
      kept =
          *renewed ? renew (&value, files) : g_bytes_new_take (g_steal_pointer (&bytes), n_bytes);
      *renewed = *renewed && kept != NULL;
    }
  weft_value_clear (&value);
  return kept;
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
_weft_cli_keep_store (WeftKeep *keep, WeftFingerprint print, const WeftValue *value, bool again,
                      GError **error)
{
  g_autofree char *path = file_of (keep, print, "value", true);
  g_autofree char *part = NULL;
  bool good;
  int fd;

  if (!again && g_file_test (path, G_FILE_TEST_EXISTS))
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
