/* weftline-child-control.c: commands to `weftline run` in another process
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Lines go out and come in whenever the socket is ready, so nothing here waits for the process,
 * whatever it does. An answer names the line it is for. Whoever speaks another version of the
 * protocol is not spoken to.
 */
#include "config.h"

#include "session/weftline-child-control.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define GREETING "weftline-control 1"
#define READ_BYTES 4096
#define MAX_LINE 1048576

typedef struct
{
  WeftlineChildAnswer answer; /* (nullable) */
  void *data;
} Waiting;

struct _WeftlineChildControl
{
  GObject parent_instance;

  int fd;
  guint read_source, write_source;
  GString *in, *out;
  GHashTable *waiting; /* guint64 * (number of a line) → Waiting * */
  guint64 n_lines;
  bool greeted;
  bool open;
};

static guint closed_signal;

G_DEFINE_FINAL_TYPE (WeftlineChildControl, weftline_child_control, G_TYPE_OBJECT)

/* ---- the end --------------------------------------------------------------------------------- */

/* The table is another by then, so what is called may send more, in vain. */
static void
call_off (WeftlineChildControl *self)
{
  g_autoptr (GHashTable) waiting = self->waiting;
  GHashTableIter iter;
  void *value;

  self->waiting = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  g_hash_table_iter_init (&iter, waiting);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const Waiting *one = value;

      if (one->answer != NULL)
        one->answer (_ ("the process has ended"), one->data);
    }
}

static void
shut (WeftlineChildControl *self)
{
  if (!self->open)
    return;
  self->open = false;
  g_clear_handle_id (&self->read_source, g_source_remove);
  g_clear_handle_id (&self->write_source, g_source_remove);
  close (self->fd);
  call_off (self);
  g_signal_emit (self, closed_signal, 0);
}

/* ---- answers --------------------------------------------------------------------------------- */

/* FALSE: no answer as it must be. */
static bool
take_answer (WeftlineChildControl *self, const char *line)
{
  char *end;
  guint64 number = g_ascii_strtoull (line, &end, 10);
  g_autofree Waiting *waiting = NULL;
  g_autofree guint64 *key = NULL;

  if (!g_str_has_prefix (end, " done") && !g_str_has_prefix (end, " error "))
    return false;
  if (!g_hash_table_steal_extended (self->waiting, &number, (void **) &key, (void **) &waiting))
    return false;
  if (waiting->answer != NULL)
    waiting->answer (end[1] == 'd' ? NULL : end + strlen (" error "), waiting->data);
  return true;
}

static bool
take_line (WeftlineChildControl *self, const char *line)
{
  if (self->greeted)
    return take_answer (self, line);
  self->greeted = g_str_equal (line, GREETING);
  return self->greeted;
}

/* FALSE: what comes is not to be understood. */
static bool
take_lines (WeftlineChildControl *self)
{
  char *end;

  while (self->open && (end = memchr (self->in->str, '\n', self->in->len)) != NULL)
    {
      g_autofree char *line = g_strndup (self->in->str, (gsize) (end - self->in->str));

      g_string_erase (self->in, 0, end + 1 - self->in->str);
      if (!take_line (self, line))
        return false;
    }
  return self->in->len <= MAX_LINE;
}

typedef enum
{
  READ_MORE,
  READ_ALL, /* that is there by now */
  READ_END,
} Read;

static Read
read_some (WeftlineChildControl *self)
{
  char bytes[READ_BYTES];
  ssize_t n = recv (self->fd, bytes, sizeof bytes, MSG_DONTWAIT);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return READ_ALL;
  if (n <= 0)
    return READ_END;
  g_string_append_len (self->in, bytes, n);
  return take_lines (self) ? READ_MORE : READ_END;
}

static gboolean
read_cb (gint fd G_GNUC_UNUSED, GIOCondition condition G_GNUC_UNUSED, void *data)
{
  g_autoptr (WeftlineChildControl) self = g_object_ref (data);

  if (read_some (self) == READ_END)
    shut (self);
  return self->open ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* ---- commands -------------------------------------------------------------------------------- */

static void write_on (WeftlineChildControl *self);

static gboolean
write_cb (gint fd G_GNUC_UNUSED, GIOCondition condition G_GNUC_UNUSED, void *data)
{
  WeftlineChildControl *self = data;

  self->write_source = 0;
  write_on (self);
  return G_SOURCE_REMOVE;
}

/* If nobody reads any more, that is seen where answers are read. */
static void
write_on (WeftlineChildControl *self)
{
  ssize_t n = send (self->fd, self->out->str, self->out->len, MSG_DONTWAIT | MSG_NOSIGNAL);

  if (n > 0)
    g_string_erase (self->out, 0, n);
  else if (n < 0 && errno != EAGAIN && errno != EINTR)
    g_string_truncate (self->out, 0);
  if (self->out->len > 0 && self->write_source == 0)
    self->write_source = g_unix_fd_add (self->fd, G_IO_OUT, write_cb, self);
}

static void
append_argument (GString *line, const char *argument)
{
  g_string_append_c (line, ' ');
  for (; *argument != '\0'; argument++)
    if (*argument == '\n' || *argument == '\\')
      g_string_append (line, *argument == '\n' ? "\\n" : "\\\\");
    else
      g_string_append_c (line, *argument);
}

void
weftline_child_control_send (WeftlineChildControl *self, const char *command, const char *argument,
                             WeftlineChildAnswer answer, void *data)
{
  const Waiting waiting = { answer, data };

  if (!self->open)
    {
      if (answer != NULL)
        answer (_ ("the process has ended"), data);
      return;
    }
  self->n_lines++;
  g_hash_table_insert (self->waiting, g_memdup2 (&self->n_lines, sizeof self->n_lines),
                       g_memdup2 (&waiting, sizeof waiting));
  g_string_append (self->out, command);
  if (argument != NULL)
    append_argument (self->out, argument);
  g_string_append_c (self->out, '\n');
  if (self->write_source == 0)
    write_on (self);
}

bool
weftline_child_control_is_open (WeftlineChildControl *self)
{
  return self->open;
}

bool
weftline_child_control_is_deaf (WeftlineChildControl *self)
{
  return !self->open && !self->greeted;
}

void
weftline_child_control_close (WeftlineChildControl *self)
{
  while (self->open && read_some (self) == READ_MORE)
    ;
  shut (self);
}

/* ---- the object ------------------------------------------------------------------------------ */

static void
weftline_child_control_dispose (GObject *object)
{
  shut (WEFTLINE_CHILD_CONTROL (object));
  G_OBJECT_CLASS (weftline_child_control_parent_class)->dispose (object);
}

static void
weftline_child_control_finalize (GObject *object)
{
  WeftlineChildControl *self = WEFTLINE_CHILD_CONTROL (object);

  g_string_free (self->in, TRUE);
  g_string_free (self->out, TRUE);
  g_hash_table_unref (self->waiting);
  G_OBJECT_CLASS (weftline_child_control_parent_class)->finalize (object);
}

static void
weftline_child_control_class_init (WeftlineChildControlClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = weftline_child_control_dispose;
  G_OBJECT_CLASS (klass)->finalize = weftline_child_control_finalize;
  /**
   * WeftlineChildControl::closed:
   *
   * No more answers will come.
   */
  closed_signal = g_signal_new ("closed", WEFTLINE_TYPE_CHILD_CONTROL, G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 0);
}

static void
weftline_child_control_init (WeftlineChildControl *self)
{
  self->in = g_string_new (NULL);
  self->out = g_string_new (NULL);
  self->waiting = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
}

WeftlineChildControl *
weftline_child_control_new (int *their_fd, GError **error)
{
  WeftlineChildControl *self;
  int fds[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
    {
      g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (errno), g_strerror (errno));
      return NULL;
    }
  self = g_object_new (WEFTLINE_TYPE_CHILD_CONTROL, NULL);
  self->fd = fds[0];
  self->open = true;
  self->read_source = g_unix_fd_add (self->fd, G_IO_IN | G_IO_HUP, read_cb, self);
  *their_fd = fds[1];
  return self;
}
