/* record.c: `weftline record`: what a program says of its run, into a run file
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What comes on the standard input is handed to a server of this process's own, which nobody else
 * finds: so it may say what can be said to a server, in either form, limits and errors are the
 * same, and the file is made where all are made. When the server has begun the file, it gets the
 * name that was asked for, and is written on under it: it can be looked at meanwhile.
 */
#include "cli/weft-cli-ask-private.h"

#include "server/weft-wire-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define READ_BYTES 262144
#define LINES_KEPT_BYTES (UINT64_C (64) << 20) /* the server is never so far behind */

typedef struct
{
  const char *path;
  char *folder;      /* of the socket, and of the file until it has its name */
  char *file_folder; /* in the file's own, so that it can be renamed */
  WeftServer *server;
  int fd;
  WeftWire said; /* by the server */
  bool is_bare;  /* events alone: what belongs around them is said here */
  bool is_lines;
  bool is_begun;
  uint64_t n_before;    /* bytes that were said before the input */
  uint64_t n_said;      /* of the input */
  GArray *lines;        /* uint64_t: where lines of the input begin, those of late */
  uint64_t n_forgotten; /* lines before these */
  uint64_t n_left_out;  /* events */
  char *first_left_out; /* (nullable): where the first of them is */
  int status;           /* owner: main thread */
  int rename_errno;     /* owner: the server's thread, until that is gone */
} Record;

/* ---- the server ------------------------------------------------------------------------------ */

static void
run_appeared_cb (void *data, const WeftServedRun *run)
{
  Record *record = data;

  if (run->path != NULL && g_rename (run->path, record->path) != 0)
    record->rename_errno = errno;
}

static bool
open_server (Record *record, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (record->path);
  g_autofree char *address = NULL;
  WeftServerHost host = { .data = record, .run_appeared = run_appeared_cb };
  WeftServerOptions options = { .host = &host };

  record->folder = g_dir_make_tmp ("weftline-record-XXXXXX", error);
  if (record->folder == NULL)
    return false;
  record->file_folder = g_build_filename (folder, ".weftline-XXXXXX", NULL);
  if (g_mkdtemp (record->file_folder) == NULL)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "%s: %s", record->path,
                   g_strerror (errno));
      g_clear_pointer (&record->file_folder, g_free);
      return false;
    }
  address = g_build_filename (record->folder, "socket", NULL);
  options.address = address;
  options.folder = record->file_folder;
  record->server = weft_server_new (&options, error);
  return record->server != NULL;
}

static bool
connect_to_server (Record *record, GError **error)
{
  struct sockaddr_un un = { .sun_family = AF_UNIX };

  g_strlcpy (un.sun_path, weft_server_get_address (record->server), sizeof un.sun_path);
  record->fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (record->fd >= 0 && connect (record->fd, (const struct sockaddr *) &un, sizeof un) == 0)
    return true;
  g_set_error (error, WEFT_SERVER_ERROR, WEFT_SERVER_ERROR_SYSTEM, "%s: %s", un.sun_path,
               g_strerror (errno));
  return false;
}

/* With what the server leaves there: its lock. @folder: (nullable) */
static void
remove_folder (const char *folder)
{
  GDir *dir = folder != NULL ? g_dir_open (folder, 0, NULL) : NULL;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_unlink (path);
    }
  g_clear_pointer (&dir, g_dir_close);
  if (folder != NULL)
    g_rmdir (folder);
}

static void
clear (Record *record)
{
  if (record->fd >= 0)
    close (record->fd);
  weft_server_free (record->server);
  remove_folder (record->file_folder);
  remove_folder (record->folder);
  g_free (record->file_folder);
  g_free (record->folder);
  g_free (record->first_left_out);
  g_array_unref (record->lines);
  _weft_wire_clear (&record->said);
}

/* ---- lines of the input ---------------------------------------------------------------------- */

static void
note_lines (Record *record, const char *bytes, size_t n_bytes)
{
  const char *at = bytes;

  while ((at = memchr (at, '\n', n_bytes - (size_t) (at - bytes))) != NULL)
    {
      uint64_t begin = record->n_said + (uint64_t) (++at - bytes);

      g_array_append_val (record->lines, begin);
    }
  record->n_said += n_bytes;
  while (record->lines->len > 2
         && g_array_index (record->lines, uint64_t, record->lines->len / 2) + LINES_KEPT_BYTES
                < record->n_said)
    {
      record->n_forgotten += record->lines->len / 2;
      g_array_remove_range (record->lines, 0, record->lines->len / 2);
    }
}

/* Where in the input, of which @offset is counted from the connection's first byte. (transfer
 * full) */
static char *
find_place (const Record *record, double offset, unsigned column)
{
  uint64_t at = (uint64_t) MAX (offset - (double) record->n_before, 0);
  guint low = 0, high = record->lines->len;

  if (!record->is_lines)
    return g_strdup_printf ("byte %" G_GUINT64_FORMAT " of the input", at);
  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (record->lines, uint64_t, middle) <= at)
        low = middle + 1;
      else
        high = middle;
    }
  return g_strdup_printf ("line %" G_GUINT64_FORMAT ", column %u of the input",
                          record->n_forgotten + low, column);
}

/* ---- what the server says -------------------------------------------------------------------- */

/* What is said of a line begins with its column: “event:1:17: …”. Returns: behind that */
static const char *
pass_column (const char *message, unsigned *column)
{
  const char *at = strstr (message, ":1:");
  char *end;

  *column = 1;
  if (at == NULL || strcspn (message, ": ") != (size_t) (at - message))
    return message;
  *column = (unsigned) strtoul (at + strlen (":1:"), &end, 10);
  return g_str_has_prefix (end, ": ") ? end + strlen (": ") : message;
}

/* Of events that are left out the first is told at once, and how many at the end. */
static void
hear_error (Record *record, const char *wrong, bool is_event)
{
  g_autofree char *message = _weft_ask_text (wrong, "message");
  g_autofree char *place = NULL;
  const char *text = message != NULL ? message : wrong;
  double offset, more = 1;
  unsigned column = 1;

  if (_weft_ask_number (wrong, "offset", &offset))
    {
      text = pass_column (text, &column);
      place = find_place (record, offset, column);
    }
  _weft_ask_number (wrong, "more", &more);
  if (is_event && record->n_left_out == 0)
    record->first_left_out = g_strdup (place);
  if (!is_event || record->n_left_out == 0)
    _weft_cli_say ("record: %s%s%s", place != NULL ? place : "", place != NULL ? ": " : "", text);
  if (is_event)
    record->n_left_out += (uint64_t) more;
}

static void
hear_line (Record *record, const char *line)
{
  g_autofree char *wrong = _weft_ask_member (line, "error");
  g_autofree char *code = wrong != NULL ? _weft_ask_text (wrong, "code") : NULL;

  if (wrong == NULL)
    return;
  hear_error (record, wrong, g_strcmp0 (code, "event") == 0);
  if (record->status == WEFT_EXIT_DONE)
    record->status = g_strcmp0 (code, "failed") == 0 ? WEFT_EXIT_SYSTEM : WEFT_EXIT_INPUT;
}

static void
say_left_out (const Record *record)
{
  g_autofree char *events = _weft_cli_plural (record->n_left_out, "event");

  if (record->n_left_out > 1)
    _weft_cli_say ("record: %s were left out, the first in %s", events,
                   record->first_left_out != NULL ? record->first_left_out : "the input");
}

/* FALSE: it says no more. */
static bool
hear (Record *record)
{
  size_t n_room;
  uint8_t *room = _weft_wire_room (&record->said, &n_room);
  ssize_t n = recv (record->fd, room, n_room, 0);
  WeftWireMessage message;

  if (n < 0 && errno == EINTR)
    return true;
  if (n <= 0)
    return false;
  _weft_wire_received (&record->said, (size_t) n);
  while (_weft_wire_next (&record->said, &message) == WEFT_WIRE_MESSAGE)
    {
      const char *text;
      size_t n_chars, at = 0;

      while (_weft_wire_next_line (&record->said, &message, &at, &text, &n_chars))
        {
          g_autofree char *line = g_strndup (text, n_chars);

          hear_line (record, line);
        }
    }
  return true;
}

/* ---- what is said to it ---------------------------------------------------------------------- */

/* The server may have to be heard before it takes more. */
static bool
say (Record *record, const char *bytes, size_t n_bytes)
{
  while (n_bytes > 0)
    {
      struct pollfd fd = { .fd = record->fd, .events = POLLIN | POLLOUT };
      ssize_t n;

      if (poll (&fd, 1, -1) < 0 && errno != EINTR)
        return false;
      if ((fd.revents & POLLIN) != 0 && !hear (record))
        return false;
      if ((fd.revents & POLLOUT) == 0)
        continue;
      n = send (record->fd, bytes, n_bytes, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n < 0 && errno != EAGAIN && errno != EINTR)
        return false;
      bytes += MAX (n, 0);
      n_bytes -= (size_t) MAX (n, 0);
    }
  return true;
}

/* Of events as lines without a greeting, it is made here. */
static bool
begin (Record *record, const char *bytes, size_t n_bytes)
{
  const char *end = memchr (bytes, '\n', n_bytes);
  g_autofree char *line = g_strndup (bytes, end != NULL ? (size_t) (end - bytes) : n_bytes);
  g_autofree char *hello = _weft_ask_member (line, "hello");
  g_autofree char *name = g_path_get_basename (record->path);
  GString *opening;
  bool ok;

  record->is_begun = true;
  record->is_lines = bytes[0] != WEFT_WIRE_PREAMBLE[0];
  record->is_bare = hello == NULL && record->is_lines;
  if (!record->is_bare)
    return true;
  if (g_str_has_suffix (name, ".weft"))
    name[strlen (name) - strlen (".weft")] = '\0';
  opening = g_string_new ("{\"hello\": \"weftline\", \"versions\": [1]}\n"
                          "{\"id\": 1, \"do\": \"report\", \"name\": ");
  _weft_cli_json_string (opening, name);
  g_string_append (opening, "}\n");
  record->n_before = opening->len;
  ok = say (record, opening->str, opening->len);
  g_string_free (opening, TRUE);
  return ok;
}

/* Everything on the standard input, until it or the server ends, or somebody says so. */
static void
copy (Record *record, int signals)
{
  struct pollfd fds[3] = { { .fd = STDIN_FILENO, .events = POLLIN },
                           { .fd = record->fd, .events = POLLIN },
                           { .fd = signals, .events = POLLIN } };
  g_autofree char *bytes = g_malloc (READ_BYTES);
  bool ok = true;

  while (ok && !_weft_cli_signalled ())
    {
      ssize_t n;

      if (poll (fds, G_N_ELEMENTS (fds), -1) < 0)
        continue;
      if (fds[1].revents != 0)
        ok = hear (record);
      if (!ok || fds[0].revents == 0)
        continue;
      n = read (STDIN_FILENO, bytes, READ_BYTES);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        break;
      note_lines (record, bytes, (size_t) n);
      ok = (record->is_begun || begin (record, bytes, (size_t) n))
           && say (record, bytes, (size_t) n);
    }
  if (ok && record->is_bare)
    say (record, "{\"id\": 2, \"do\": \"finish\"}\n", strlen ("{\"id\": 2, \"do\": \"finish\"}\n"));
}

static int
record_run (Record *record)
{
  int signals = _weft_cli_catch_signals ();
  GError *error = NULL;

  if (signals < 0)
    {
      _weft_cli_say ("record: cannot catch signals: %s", g_strerror (errno));
      return WEFT_EXIT_SYSTEM;
    }
  if (!open_server (record, &error) || !connect_to_server (record, &error))
    return _weft_cli_report (error);
  copy (record, signals);
  shutdown (record->fd, SHUT_WR);
  while (hear (record))
    ;
  say_left_out (record);
  if (!record->is_begun)
    {
      _weft_cli_say (
          "record: nothing came on the standard input, expected events as lines of JSON");
      return WEFT_EXIT_INPUT;
    }
  return record->status;
}

int
_weft_cli_record (int argc, char **argv)
{
  const GOptionEntry entries[] = { { NULL } };
  Record record = { .fd = -1 };
  const uint64_t first = 0;
  int status;

  if (!_weft_cli_parse (
          "record", "FILE", "Records what a program says of its run.",
          "Reads events as lines of JSON (data/doc/protocol.md, section 3) from the "
          "standard input into the run file FILE, until the input ends. The lines may "
          "begin with a greeting and a report, as they are said to a server; so may "
          "messages.",
          entries, &argc, &argv, &status))
    return status;
  if (!_weft_cli_operands ("record", argc, argv, 1, 1))
    return WEFT_EXIT_INPUT;
  record.path = argv[0];
  record.lines = g_array_new (FALSE, FALSE, sizeof first);
  g_array_append_val (record.lines, first);
  _weft_wire_init (&record.said, &WEFT_WIRE_LIMITS_DEFAULT);
  status = record_run (&record);
  clear (&record);
  if (record.rename_errno != 0)
    {
      _weft_cli_say ("record: %s: %s", record.path, g_strerror (record.rename_errno));
      status = WEFT_EXIT_SYSTEM;
    }
  return _weft_cli_finish (status);
}
