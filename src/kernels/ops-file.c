/* ops-file.c: reading, writing and finding files
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Paths are taken as they are, relative ones from the process's working folder. Big files are read
 * and written in pieces, with a look at the cancel flag in between. A file is written beside its
 * place and renamed into it, so nobody ever sees half of one.
 */
#include "config.h"

#include "kernels/weft-ops-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE_BYTES ((size_t) 1 << 20)
#define MAX_NAME_TRIES 100

static WeftStatus
fail_file (WeftTask *task, const char *what, const char *path, int errno_value)
{
  g_autofree char *message =
      g_strdup_printf ("cannot %s “%s”: %s", what, path, g_strerror (errno_value));

  return weft_task_fail_with (task, "file", message, NULL, NULL);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Up to n_bytes, less only at the end. */
static WeftStatus
read_bytes (WeftTask *task, const char *path, int fd, char *bytes, size_t n_bytes, size_t *n_read)
{
  size_t at = 0;

  while (at < n_bytes)
    {
      ssize_t n = read (fd, bytes + at, MIN (n_bytes - at, PIECE_BYTES));

      if (n == 0)
        break;
      if (n < 0 && errno != EINTR)
        return fail_file (task, "read", path, errno);
      if (weft_task_is_cancelled (task))
        return WEFT_CANCELLED;
      at += n > 0 ? (size_t) n : 0;
    }
  *n_read = at;
  return WEFT_OK;
}

static WeftStatus
init_content (WeftTask *task, bool text, const char *bytes, size_t n_bytes, WeftValue *value)
{
  return text ? weft_value_init_string (value, weft_task_account (task), bytes, n_bytes)
              : weft_value_init_bytes (value, weft_task_account (task), bytes, n_bytes);
}

/* Pipes and files that do not know their size. */
static WeftStatus
read_stream (WeftTask *task, const char *path, int fd, bool text, WeftValue *value)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  WeftStatus status;
  size_t n;

  do
    {
      size_t before = bytes->len;

      if (before > G_MAXINT32)
        return weft_task_fail (task, "“%s” is no regular file and gives more than 2 GiB", path);
      g_byte_array_set_size (bytes, (guint) (before + PIECE_BYTES));
      status = read_bytes (task, path, fd, (char *) bytes->data + before, PIECE_BYTES, &n);
      if (status != WEFT_OK)
        return status;
      g_byte_array_set_size (bytes, (guint) (before + n));
    }
  while (n == PIECE_BYTES);
  return init_content (task, text, (const char *) bytes->data, bytes->len, value);
}

/* As many bytes as there were at the start, right into the value. */
static WeftStatus
read_regular (WeftTask *task, const char *path, int fd, bool text, size_t n_bytes, WeftValue *value)
{
  WeftValue own;
  WeftStatus status = init_content (task, text, NULL, n_bytes, &own);
  size_t n_read = 0;

  if (status != WEFT_OK)
    return status;
  status =
      read_bytes (task, path, fd,
                  text ? (char *) _weft_string (&own)->chars : (char *) _weft_bytes (&own)->bytes,
                  n_bytes, &n_read);
  if (status == WEFT_OK && n_read < n_bytes)
    status = weft_task_fail (task, "“%s” became shorter while it was read: found %zu of %zu bytes",
                             path, n_read, n_bytes);
  if (status == WEFT_OK)
    *value = own;
  else
    weft_value_unref (&own);
  return status;
}

static WeftStatus
read_file (WeftTask *task, const char *path, bool text, WeftValue *value)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  struct stat info;
  WeftStatus status;

  if (fd < 0)
    return fail_file (task, "open", path, errno);
  if (fstat (fd, &info) != 0)
    status = fail_file (task, "read", path, errno);
  else if (S_ISREG (info.st_mode) && info.st_size > 0)
    status = read_regular (task, path, fd, text, (size_t) info.st_size, value);
  else
    status = read_stream (task, path, fd, text, value);
  close (fd);
  return status;
}

static WeftStatus
read_text (WeftTask *task, const char *path, WeftValue *value)
{
  WeftValue own;
  WeftStatus status = read_file (task, path, true, &own);
  size_t n_valid;

  if (status != WEFT_OK)
    return status;
  n_valid = _weft_valid_text (_weft_string (&own)->chars, _weft_string (&own)->n_chars);
  if (n_valid == _weft_string (&own)->n_chars)
    {
      *value = own;
      return WEFT_OK;
    }
  weft_value_unref (&own);
  return weft_task_fail (
      task, "“%s” is not valid UTF-8 at byte %zu; read it with as=\"bytes\" (file.read)", path,
      n_valid);
}

static WeftStatus
op_read (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  const char *path = _weft_path (task, &args[0]);
  const char *as = _weft_is_none (&args[1]) ? "text" : _weft_string (&args[1])->chars;

  if (path == NULL)
    return WEFT_FAILED;
  if (strcmp (as, "text") == 0)
    return read_text (task, path, results);
  if (strcmp (as, "bytes") == 0)
    return read_file (task, path, false, results);
  return weft_task_fail (task, "found as=“%s”, expected “text” or “bytes”", as);
}

static WeftStatus
op_lines (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  const char *path = _weft_path (task, &args[0]);
  WeftListMaker maker;
  WeftStatus status;
  WeftValue text;

  if (path == NULL)
    return WEFT_FAILED;
  status = read_text (task, path, &text);
  if (status != WEFT_OK)
    return status;
  _weft_list_maker_init (&maker, weft_task_account (task));
  _weft_list_maker_add_lines (&maker, _weft_string (&text)->chars, _weft_string (&text)->n_chars);
  weft_value_unref (&text);
  return _weft_list_maker_finish (&maker, results);
}

/* ---- what is known of files ------------------------------------------------------------------ */

static WeftStatus
op_size (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  const char *path = _weft_path (task, &args[0]);
  struct stat info;

  if (path == NULL)
    return WEFT_FAILED;
  if (stat (path, &info) != 0)
    return fail_file (task, "look at", path, errno);
  weft_value_set_int64 (results, info.st_size);
  return WEFT_OK;
}

static WeftStatus
op_exists (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  const char *path = _weft_path (task, &args[0]);
  struct stat info;

  if (path == NULL)
    return WEFT_FAILED;
  if (stat (path, &info) != 0 && errno != ENOENT && errno != ENOTDIR)
    return fail_file (task, "look at", path, errno);
  weft_value_set_bool (results, access (path, F_OK) == 0);
  return WEFT_OK;
}

static WeftStatus
file_value (WeftTask *task, const char *path, WeftValue *result)
{
  struct stat info;

  if (stat (path, &info) != 0)
    return fail_file (task, "look at", path, errno);
  return weft_value_init_file (result, path, (uint64_t) info.st_size,
                               info.st_mtim.tv_sec * INT64_C (1000000000) + info.st_mtim.tv_nsec);
}

static WeftStatus
op_info (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  const char *path = _weft_path (task, &args[0]);

  return path == NULL ? WEFT_FAILED : file_value (task, path, results);
}

/* ---- writing --------------------------------------------------------------------------------- */

static WeftStatus
write_bytes (WeftTask *task, const char *path, int fd, const char *bytes, size_t n_bytes)
{
  size_t at = 0;

  while (at < n_bytes)
    {
      ssize_t n = write (fd, bytes + at, MIN (n_bytes - at, PIECE_BYTES));

      if (n < 0 && errno != EINTR)
        return fail_file (task, "write", path, errno);
      if (weft_task_is_cancelled (task))
        return WEFT_CANCELLED;
      at += n > 0 ? (size_t) n : 0;
    }
  return WEFT_OK;
}

/* A new file beside @path, with the rights a new file has. @name: (out) (transfer full) */
static int
create_beside (WeftTask *task, const char *path, char **name)
{
  int fd = -1;

  *name = NULL;
  for (int i = 0; i < MAX_NAME_TRIES && fd < 0 && (i == 0 || errno == EEXIST); i++)
    {
      g_free (*name);
      *name = g_strdup_printf ("%s.%016" PRIx64 ".part", path, weft_task_random (task));
      fd = open (*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    }
  return fd;
}

static WeftStatus
write_file (WeftTask *task, const char *path, const char *bytes, size_t n_bytes)
{
  g_autofree char *name = NULL;
  int fd = create_beside (task, path, &name);
  WeftStatus status;

  if (fd < 0)
    return fail_file (task, "create", path, errno);
  status = write_bytes (task, path, fd, bytes, n_bytes);
  if (close (fd) != 0 && status == WEFT_OK)
    status = fail_file (task, "write", path, errno);
  if (status == WEFT_OK && rename (name, path) != 0)
    status = fail_file (task, "create", path, errno);
  if (status != WEFT_OK)
    unlink (name);
  return status;
}

static WeftStatus
op_write (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  const char *path = _weft_path (task, &args[0]);
  bool text = weft_value_type (&args[1]) == WEFT_TYPE_STRING;
  WeftStatus status;

  if (path == NULL)
    return WEFT_FAILED;
  status = text ? write_file (task, path, _weft_string (&args[1])->chars,
                              _weft_string (&args[1])->n_chars)
                : write_file (task, path, (const char *) _weft_bytes (&args[1])->bytes,
                              _weft_bytes (&args[1])->n_bytes);
  return status == WEFT_OK ? file_value (task, path, results) : status;
}

/* ---- glob ------------------------------------------------------------------------------------ */

static int
compare_paths (const void *a, const void *b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static WeftStatus
op_glob (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  const char *pattern = _weft_path (task, &args[0]);
  WeftListMaker maker;
  glob_t found;
  int failure;

  if (pattern == NULL)
    return WEFT_FAILED;
  failure = glob (pattern, GLOB_NOSORT, NULL, &found);
  if (failure == GLOB_NOSPACE)
    return WEFT_NO_MEMORY;
  _weft_list_maker_init (&maker, weft_task_account (task));
  if (failure != 0)
    return _weft_list_maker_finish (&maker, results);
  qsort (found.gl_pathv, found.gl_pathc, sizeof *found.gl_pathv, compare_paths);
  for (size_t i = 0; i < found.gl_pathc; i++)
    {
      g_autofree char *valid = g_filename_display_name (found.gl_pathv[i]);

      if (strcmp (valid, found.gl_pathv[i]) == 0)
        _weft_list_maker_add_string (&maker, valid, strlen (valid));
      else if (maker.status == WEFT_OK)
        maker.status = weft_task_fail (task, "found a file whose name is not UTF-8: “%s”", valid);
    }
  globfree (&found);
  return _weft_list_maker_finish (&maker, results);
}

/* ---- table ----------------------------------------------------------------------------------- */

static const WeftOpParam one_path[] = { WEFT_PARAM ("path", WEFT_ACCEPT_PATH, "of the file") };
static const WeftOpParam read_params[] = {
  WEFT_PARAM ("path", WEFT_ACCEPT_PATH, "of the file"),
  WEFT_PARAM_OR ("as", WEFT_ACCEPT_STRING, WEFT_NO_VALUE, "“text” (the default) or “bytes”"),
};
static const WeftOpParam write_params[] = {
  WEFT_PARAM ("path", WEFT_ACCEPT_PATH, "of the file"),
  WEFT_PARAM ("data", WEFT_ACCEPT_STRING | WEFT_ACCEPT (WEFT_TYPE_BYTES), "its content"),
};
static const WeftOpParam glob_params[] = {
  WEFT_PARAM ("pattern", WEFT_ACCEPT_STRING, "path with *, ? and [abc]"),
};

#define FILE_OP(op_name, table, text, func)                                             \
  {                                                                                     \
    .name = op_name, .version = 1, .doc = text, WEFT_PARAMS (table), .n_outputs = 1,    \
    .flags = WEFT_OP_EXTERNAL | WEFT_OP_BLOCKING, .cost_hint_ns = 20000, .kernel = func \
  }

static const WeftOp ops[] = {
  FILE_OP ("file.read", read_params, "the content of a file, as a string or bytes", op_read),
  FILE_OP ("file.lines", one_path, "the lines of a text file, without their ends, as a list",
           op_lines),
  FILE_OP ("file.size", one_path, "the size of a file in bytes", op_size),
  FILE_OP ("file.exists", one_path, "whether there is a file of that path", op_exists),
  FILE_OP ("file.info", one_path, "a file value: path, size, time of modification", op_info),
  FILE_OP ("file.write", write_params,
           "writes a string or bytes into a file; the result is a file value\n"
           "The file appears, or is replaced, when it is complete.",
           op_write),
  FILE_OP ("glob", glob_params, "the paths that match a pattern, sorted by bytes, as a list",
           op_glob),
};

const WeftOpTable _weft_ops_file = { ops, G_N_ELEMENTS (ops) };
