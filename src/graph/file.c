/* file.c: graph files of all formats: which is it, who reads it, and where it goes
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graph/weft-graph-read-private.h"
#include "graph/weft-graph-write-private.h"
#include "graph/weft-json-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_BYTES ((size_t) 1 << 20)
/* So much of a document is looked at to tell its format. */
#define PROBE_BYTES ((size_t) 1 << 16)

typedef struct
{
  const char *name;
  const char *endings; /* of file names, separated by blanks */
  WeftGraphReadFunc read;
  WeftGraphWriteFunc write;
} Format;

static const Format formats[] = {
  [WEFT_GRAPH_FORMAT_AUTO] = { .name = "auto" },
  [WEFT_GRAPH_FORMAT_NATIVE] = { .name = "native",
                                 .endings = ".json",
                                 .read = _weft_graph_read_native,
                                 .write = _weft_graph_write_native },
  [WEFT_GRAPH_FORMAT_WFCOMMONS] = { .name = "wfcommons",
                                    .read = _weft_graph_read_wfcommons,
                                    .write = _weft_graph_write_wfcommons },
  [WEFT_GRAPH_FORMAT_DOT] = { .name = "dot",
                              .endings = ".dot .gv",
                              .read = _weft_graph_read_dot,
                              .write = _weft_graph_write_dot },
  [WEFT_GRAPH_FORMAT_DAGMAN] = { .name = "dagman",
                                 .endings = ".dag",
                                 .read = _weft_graph_read_dagman,
                                 .write = _weft_graph_write_dagman }
};

const char *
weft_graph_format_name (WeftGraphFormat format)
{
  return (size_t) format < G_N_ELEMENTS (formats) ? formats[format].name : NULL;
}

/* ---- which format? --------------------------------------------------------------------------- */

static WeftGraphFormat
format_of_ending (const char *file)
{
  const char *ending = strrchr (file, '.');

  for (size_t i = 0; ending != NULL && i < G_N_ELEMENTS (formats); i++)
    {
      g_auto (GStrv) endings =
          g_strsplit (formats[i].endings != NULL ? formats[i].endings : "", " ", -1);

      for (char **at = endings; *at != NULL; at++)
        if (g_ascii_strcasecmp (*at, ending) == 0)
          return (WeftGraphFormat) i;
    }
  return WEFT_GRAPH_FORMAT_AUTO;
}

/* By the members of the document, as far as they stand near its beginning. */
static WeftGraphFormat
format_of_json (const char *bytes, size_t n_bytes)
{
  WeftGraphFormat format = WEFT_GRAPH_FORMAT_NATIVE;
  WeftJson json;

  _weft_json_init (&json, bytes, MIN (n_bytes, PROBE_BYTES), NULL);
  _weft_json_next (&json);
  while (_weft_json_next_name (&json) && !_weft_json_is (&json, "weftline"))
    {
      if (_weft_json_is (&json, "workflow") || _weft_json_is (&json, "schemaVersion"))
        {
          format = WEFT_GRAPH_FORMAT_WFCOMMONS;
          break;
        }
      _weft_json_skip (&json);
    }
  _weft_json_clear (&json);
  return format;
}

static const char *
skip_line (const char *at, const char *end)
{
  const char *found = memchr (at, '\n', (size_t) (end - at));

  return found != NULL ? found + 1 : end;
}

/* Past blanks, lines that begin with “#”, and comments as C has them. */
static const char *
skip_comments (const char *at, const char *end)
{
  for (;;)
    {
      while (at < end && g_ascii_isspace (*at))
        at++;
      if (at < end && *at == '#')
        at = skip_line (at, end);
      else if (end - at >= 2 && at[0] == '/' && at[1] == '/')
        at = skip_line (at, end);
      else if (end - at >= 2 && at[0] == '/' && at[1] == '*')
        {
          const char *found = g_strstr_len (at + 2, end - at - 2, "*/");

          at = found != NULL ? found + 2 : end;
        }
      else
        return at;
    }
}

static bool
is_word_of (const char *at, const char *end, const char *words)
{
  size_t n = 0;
  g_autofree char *word = NULL;
  g_auto (GStrv) known = g_strsplit (words, " ", -1);

  while (at + n < end && (g_ascii_isalnum (at[n]) || at[n] == '_' || at[n] == '-'))
    n++;
  word = g_ascii_strup (at, (gssize) n);
  return g_strv_contains ((const char *const *) known, word);
}

static WeftGraphFormat
format_of_bytes (const char *bytes, size_t n_bytes)
{
  const char *end = bytes + n_bytes;
  const char *at = bytes;

  if (n_bytes >= 3 && memcmp (bytes, "\xef\xbb\xbf", 3) == 0)
    at += 3;
  at = skip_comments (at, end);
  if (at < end && (*at == '{' || *at == '['))
    return format_of_json (bytes, n_bytes);
  if (is_word_of (at, end, "DIGRAPH GRAPH STRICT"))
    return WEFT_GRAPH_FORMAT_DOT;
  if (is_word_of (
          at, end,
          "JOB NODE PARENT CHILD RETRY VARS SCRIPT PRIORITY CATEGORY MAXJOBS CONFIG DOT "
          "SPLICE SUBDAG FINAL PROVISIONER SERVICE INCLUDE SET_JOB_ATTR NODE_STATUS_FILE "
          "JOBSTATE_LOG ABORT-DAG-ON PRE_SKIP ENV REJECT SUBMIT-DESCRIPTION SAVE_POINT_FILE"))
    return WEFT_GRAPH_FORMAT_DAGMAN;
  return WEFT_GRAPH_FORMAT_AUTO;
}

/* ---- reading --------------------------------------------------------------------------------- */

static bool
is_blank (const char *bytes, size_t n_bytes)
{
  for (size_t i = 0; i < n_bytes; i++)
    if (!g_ascii_isspace (bytes[i]))
      return false;
  return true;
}

static bool
detect (const char *bytes, size_t n_bytes, const char *file, WeftGraphFormat *format,
        GError **error)
{
  WeftLocation where = { .file = file, .line = 1, .column = 1 };
  g_autofree char *found = NULL;

  if (is_blank (bytes, n_bytes))
    return _weft_graph_set_error (error, WEFT_GRAPH_ERROR_EMPTY, &where,
                                  file != NULL && g_str_has_suffix (file, ".weft")
                                      ? "this run file is empty: nothing was recorded"
                                      : "found an empty file, expected a graph");
  if (*format == WEFT_GRAPH_FORMAT_AUTO)
    *format = format_of_bytes (bytes, n_bytes);
  if (*format == WEFT_GRAPH_FORMAT_AUTO)
    *format = format_of_ending (file);
  if (*format != WEFT_GRAPH_FORMAT_AUTO)
    return true;
  found = _weft_quote (bytes, MIN (n_bytes, 20));
  return _weft_graph_set_error (
      error, WEFT_GRAPH_ERROR_FORMAT, &where,
      "found %s, expected the beginning of a graph: a JSON object, a DOT digraph or a DAGMan file",
      found);
}

WeftGraph *
weft_graph_read_bytes (const char *bytes, size_t n_bytes, const char *file, WeftGraphFormat format,
                       GError **error)
{
  g_autofree char *name = g_strdup (file != NULL ? file : "");
  WeftGraphBuilder *builder;
  WeftGraph *graph = NULL;

  if (!detect (bytes, n_bytes, name, &format, error))
    return NULL;
  builder = weft_graph_builder_new ();
  _weft_graph_builder_set_file (builder, name);
  if (formats[format].read (bytes, n_bytes, name, builder, error))
    graph = weft_graph_builder_freeze (builder, NULL, error);
  weft_graph_builder_free (builder);
  return graph;
}

static bool
fail_io (GError **error, const char *file, const char *what, int code)
{
  WeftLocation where = { .file = file };

  return _weft_graph_set_error (error, WEFT_GRAPH_ERROR_IO, &where, "cannot be %s: %s", what,
                                g_strerror (code));
}

/* All there is to read of @fd. (transfer full) (nullable) */
static char *
read_all (int fd, const char *file, size_t *n_bytes, GError **error)
{
  struct stat info;
  size_t room = READ_BYTES;
  size_t n = 0;
  char *bytes;
  ssize_t got;

  if (fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && info.st_size > 0)
    room = (size_t) info.st_size + 1;
  bytes = g_malloc (room);
  while ((got = read (fd, bytes + n, room - n)) != 0)
    {
      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0)
        {
          fail_io (error, file, "read", errno);
          g_free (bytes);
          return NULL;
        }
      n += (size_t) got;
      if (n == room)
        bytes = g_realloc (bytes, room *= 2);
    }
  *n_bytes = n;
  return bytes;
}

/* A film or a disk's image is found out by its beginning: it may be larger than memory. No graph
 * has a byte that is 0. */
static bool
check_beginning (int fd, const char *file, WeftGraphFormat format, GError **error)
{
  g_autofree char *head = g_malloc (PROBE_BYTES);
  WeftLocation where = { .file = file, .line = 1, .column = 1 };
  ssize_t n = pread (fd, head, PROBE_BYTES, 0);

  if (n <= 0 || memchr (head, 0, (size_t) n) == NULL
      || detect (head, (size_t) n, file, &format, NULL))
    return true;
  return _weft_graph_set_error (error, WEFT_GRAPH_ERROR_FORMAT, &where,
                                "found a file that is no text, expected the beginning of a graph: "
                                "a JSON object, a DOT digraph or a DAGMan file");
}

WeftGraph *
weft_graph_read_file (const char *path, WeftGraphFormat format, GError **error)
{
  bool is_stdin = strcmp (path, "-") == 0;
  const char *file = is_stdin ? "standard input" : path;
  int fd = is_stdin ? STDIN_FILENO : open (path, O_RDONLY | O_CLOEXEC);
  g_autofree char *bytes = NULL;
  size_t n_bytes = 0;

  if (fd < 0)
    {
      fail_io (error, file, "opened", errno);
      return NULL;
    }
  if (is_stdin || check_beginning (fd, file, format, error))
    bytes = read_all (fd, file, &n_bytes, error);
  if (!is_stdin)
    close (fd);
  return bytes != NULL ? weft_graph_read_bytes (bytes, n_bytes, file, format, error) : NULL;
}

/* ---- writing --------------------------------------------------------------------------------- */

bool
_weft_graph_set_unwritable (GError **error, const char *why)
{
  return _weft_graph_set_error (error, WEFT_GRAPH_ERROR_UNSUPPORTED, NULL,
                                "the graph cannot be written to a file: it %s", why);
}

bool
weft_graph_write (const WeftGraph *graph, WeftGraphFormat format, WeftWriteFunc write, void *data,
                  char **lost, GError **error)
{
  g_autofree char *own_lost = NULL;
  WeftSink *sink;
  bool said;
  bool written;

  if (format == WEFT_GRAPH_FORMAT_AUTO)
    format = WEFT_GRAPH_FORMAT_NATIVE;
  sink = _weft_sink_new (write, data);
  said = formats[format].write (graph, sink, &own_lost, error);
  written = _weft_sink_finish (sink, said ? error : NULL);
  if (said && written && lost != NULL)
    *lost = g_steal_pointer (&own_lost);
  return said && written;
}

typedef struct
{
  int fd;
  const char *path;
} Output;

static bool
write_all_cb (const char *bytes, size_t n_bytes, void *data, GError **error)
{
  const Output *output = data;

  while (n_bytes > 0)
    {
      ssize_t n = write (output->fd, bytes, n_bytes);

      if (n < 0 && errno != EINTR)
        return fail_io (error, output->path, "written", errno);
      if (n > 0)
        {
          bytes += n;
          n_bytes -= (size_t) n;
        }
    }
  return true;
}

static bool
write_to_fd (const WeftGraph *graph, WeftGraphFormat format, int fd, const char *path, char **lost,
             GError **error)
{
  Output output = { fd, path };

  return weft_graph_write (graph, format, write_all_cb, &output, lost, error);
}

/* A pipe or a device is written to, not replaced. */
static bool
is_special (const char *path)
{
  struct stat info;

  return stat (path, &info) == 0 && !S_ISREG (info.st_mode);
}

/* Beside the file first, so that a failure leaves what was there. */
static bool
replace_file (const WeftGraph *graph, WeftGraphFormat format, const char *path, char **lost,
              GError **error)
{
  g_autofree char *beside = g_strdup_printf ("%s.%08x~", path, g_random_int ());
  g_autofree char *own_lost = NULL;
  int fd = open (beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  bool written;

  if (fd < 0)
    return fail_io (error, path, "written", errno);
  written = write_to_fd (graph, format, fd, path, &own_lost, error);
  if (close (fd) != 0 && written)
    written = fail_io (error, path, "written", errno);
  if (written && rename (beside, path) != 0)
    written = fail_io (error, path, "written", errno);
  if (!written)
    unlink (beside);
  else if (lost != NULL)
    *lost = g_steal_pointer (&own_lost);
  return written;
}

bool
weft_graph_write_file (const WeftGraph *graph, WeftGraphFormat format, const char *path,
                       char **lost, GError **error)
{
  bool written;
  int fd;

  if (format == WEFT_GRAPH_FORMAT_AUTO)
    format = format_of_ending (path);
  if (strcmp (path, "-") == 0)
    return write_to_fd (graph, format, STDOUT_FILENO, "standard output", lost, error);
  if (!is_special (path))
    return replace_file (graph, format, path, lost, error);
  fd = open (path, O_WRONLY | O_CLOEXEC);
  if (fd < 0)
    return fail_io (error, path, "written", errno);
  written = write_to_fd (graph, format, fd, path, lost, error);
  close (fd);
  return written;
}
