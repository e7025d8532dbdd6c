/* weftline-attachment.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The process says on its standard output, in a line that begins with “watching ”, that it is
 * connected; and what is wrong in the last line of its standard error.
 */
#include "config.h"

#include "session/weftline-attachment.h"

#include "session/weftline-child-output.h"
#include "session/weftline-command.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <string.h>

#define CONNECTED "watching "
#define PYTHON "WEFTLINE_PYTHON"
/* For the last words, before it is killed. */
#define PATIENCE_S 5

struct _WeftlineAttachment
{
  GObject parent_instance;

  char *address;
  WeftlineAttachmentState state;
  gint64 begun_at;
  GSubprocess *process;
  GDataInputStream *lines;
  WeftlineChildOutput *errors;
  char *message; /* (nullable) */
  guint patience_source;
  bool wants_python;
  bool stopping;
  bool exited; /* the process has; not all that it wrote was read */
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (WeftlineAttachment, weftline_attachment, G_TYPE_OBJECT)

/* ---- its end --------------------------------------------------------------------------------- */

/* What programs put before: “weftline: ”, “weftline: attach: ”. */
static const char *
without_names (const char *line)
{
  static const char *const names[] = { "weftline: ", "attach: " };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_has_prefix (line, names[i]))
      line += strlen (names[i]);
  return line;
}

/* (transfer full) (nullable) */
static char *
end_message (WeftlineAttachment *self)
{
  g_autofree char *line = weftline_child_output_dup_last_line (self->errors);

  if (self->stopping)
    return NULL;
  if (g_subprocess_get_if_signaled (self->process))
    return g_strdup_printf (_ ("%s: the process that watched it was ended by signal %d"),
                            self->address, g_subprocess_get_term_sig (self->process));
  if (g_subprocess_get_exit_status (self->process) == 0)
    /* Translators: the address of a cluster */
    return g_strdup_printf (_ ("%s: the cluster has ended, or nobody listens here any more"),
                            self->address);
  if (line != NULL)
    return g_strdup (without_names (line));
  return g_strdup_printf (_ ("%s: the process that watched it ended without a word, status %d"),
                          self->address, g_subprocess_get_exit_status (self->process));
}

static void
settle (WeftlineAttachment *self)
{
  if (!self->exited || !weftline_child_output_is_whole (self->errors)
      || self->state == WEFTLINE_ATTACHMENT_ENDED)
    return;
  self->message = end_message (self);
  self->wants_python = self->message != NULL && strstr (self->message, PYTHON) != NULL;
  self->state = WEFTLINE_ATTACHMENT_ENDED;
  g_signal_emit (self, changed_signal, 0);
}

static void
exited_cb (GObject *process, GAsyncResult *result, void *data)
{
  g_autoptr (WeftlineAttachment) self = data;

  g_subprocess_wait_finish (G_SUBPROCESS (process), result, NULL);
  g_clear_handle_id (&self->patience_source, g_source_remove);
  self->exited = true;
  weftline_child_output_end_soon (self->errors);
  settle (self);
}

/* Who waits for its end keeps it until then. */
static gboolean
patience_cb (void *data)
{
  WeftlineAttachment *self = data;

  self->patience_source = 0;
  g_subprocess_force_exit (self->process);
  return G_SOURCE_REMOVE;
}

void
weftline_attachment_stop (WeftlineAttachment *self)
{
  if (self->stopping || self->state == WEFTLINE_ATTACHMENT_ENDED)
    return;
  self->stopping = true;
  g_subprocess_send_signal (self->process, SIGTERM);
  if (!self->exited)
    self->patience_source = g_timeout_add_seconds (PATIENCE_S, patience_cb, self);
  g_signal_emit (self, changed_signal, 0);
}

/* ---- its start ------------------------------------------------------------------------------- */

static void read_on (WeftlineAttachment *self);

static void
line_cb (GObject *stream, GAsyncResult *result, void *data)
{
  g_autoptr (WeftlineAttachment) self = data;
  g_autofree char *line =
      g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (stream), result, NULL, NULL);

  if (line == NULL)
    return;
  if (g_str_has_prefix (line, CONNECTED) && self->state == WEFTLINE_ATTACHMENT_CONNECTING)
    {
      self->state = WEFTLINE_ATTACHMENT_CONNECTED;
      g_signal_emit (self, changed_signal, 0);
    }
  read_on (self);
}

static void
read_on (WeftlineAttachment *self)
{
  g_data_input_stream_read_line_async (self->lines, G_PRIORITY_DEFAULT, NULL, line_cb,
                                       g_object_ref (self));
}

static void
follow (WeftlineAttachment *self)
{
  self->lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  self->errors = weftline_child_output_new (g_subprocess_get_stderr_pipe (self->process), true);
  g_signal_connect_swapped (self->errors, "ended", G_CALLBACK (settle), self);
  g_subprocess_wait_async (self->process, NULL, exited_cb, g_object_ref (self));
  read_on (self);
}

WeftlineAttachment *
weftline_attachment_new (const char *address, const char *python, GError **error)
{
  g_autoptr (WeftlineAttachment) self = NULL;
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autofree char *command = weftline_command_find (error);

  if (command == NULL)
    return NULL;
  weftline_command_bind (launcher);
  if (python != NULL && python[0] != '\0')
    g_subprocess_launcher_setenv (launcher, PYTHON, python, TRUE);
  self = g_object_new (WEFTLINE_TYPE_ATTACHMENT, NULL);
  self->address = g_strdup (address);
  self->begun_at = g_get_monotonic_time ();
  self->process = g_subprocess_launcher_spawn (launcher, error, command, "attach", address, NULL);
  if (self->process == NULL)
    return NULL;
  follow (self);
  return g_steal_pointer (&self);
}

/* ---- asking ---------------------------------------------------------------------------------- */

const char *
weftline_attachment_address (WeftlineAttachment *self)
{
  return self->address;
}

WeftlineAttachmentState
weftline_attachment_state (WeftlineAttachment *self)
{
  return self->state;
}

gint64
weftline_attachment_begun_at (WeftlineAttachment *self)
{
  return self->begun_at;
}

const char *
weftline_attachment_message (WeftlineAttachment *self)
{
  return self->message;
}

bool
weftline_attachment_wants_python (WeftlineAttachment *self)
{
  return self->wants_python;
}

bool
weftline_attachment_is_stopping (WeftlineAttachment *self)
{
  return self->stopping;
}

/* ---- the object ------------------------------------------------------------------------------ */

static void
weftline_attachment_finalize (GObject *object)
{
  WeftlineAttachment *self = WEFTLINE_ATTACHMENT (object);

  g_clear_handle_id (&self->patience_source, g_source_remove);
  if (self->errors != NULL)
    g_signal_handlers_disconnect_by_func (self->errors, settle, self);
  g_clear_object (&self->errors);
  g_clear_object (&self->lines);
  g_clear_object (&self->process);
  g_free (self->address);
  g_free (self->message);
  G_OBJECT_CLASS (weftline_attachment_parent_class)->finalize (object);
}

static void
weftline_attachment_class_init (WeftlineAttachmentClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = weftline_attachment_finalize;
  /**
   * WeftlineAttachment::changed:
   *
   * Its state is another, or it was told to end.
   */
  changed_signal = g_signal_new ("changed", WEFTLINE_TYPE_ATTACHMENT, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
weftline_attachment_init (WeftlineAttachment *self G_GNUC_UNUSED)
{
}
