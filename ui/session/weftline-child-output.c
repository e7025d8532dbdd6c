/* weftline-child-output.c: what another program writes into a pipe, as far as people will read it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "session/weftline-child-output.h"

#include <glib/gi18n.h>
#include <string.h>

#define READ_BYTES 4096
#define KEPT_BYTES 16384
#define PATIENCE_MS 300

struct _WeftlineChildOutput
{
  GObject parent_instance;

  GInputStream *stream;
  GCancellable *cancellable;
  GByteArray *bytes; /* KEPT_BYTES and less than READ_BYTES at most */
  char buffer[READ_BYTES];
  guint patience_source;
  bool keep_last;
  bool left_out;
  bool whole;
};

static guint ended_signal;

G_DEFINE_FINAL_TYPE (WeftlineChildOutput, weftline_child_output, G_TYPE_OBJECT)

/* ---- reading --------------------------------------------------------------------------------- */

static void
keep (WeftlineChildOutput *self, gsize n_bytes)
{
  GByteArray *bytes = self->bytes;

  if (!self->keep_last && bytes->len + n_bytes > KEPT_BYTES)
    {
      n_bytes = KEPT_BYTES - bytes->len;
      self->left_out = true;
    }
  g_byte_array_append (bytes, (const guint8 *) self->buffer, (guint) n_bytes);
  if (bytes->len > KEPT_BYTES)
    {
      g_byte_array_remove_range (bytes, 0, bytes->len - KEPT_BYTES);
      self->left_out = true;
    }
}

static void read_on (WeftlineChildOutput *self);

static void
read_cb (GObject *stream, GAsyncResult *result, void *data)
{
  g_autoptr (WeftlineChildOutput) self = data;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (stream), result, NULL);

  if (n > 0)
    {
      keep (self, (gsize) n);
      read_on (self);
      return;
    }
  g_clear_handle_id (&self->patience_source, g_source_remove);
  self->whole = true;
  g_signal_emit (self, ended_signal, 0);
}

static void
read_on (WeftlineChildOutput *self)
{
  g_input_stream_read_async (self->stream, self->buffer, sizeof self->buffer, G_PRIORITY_DEFAULT,
                             self->cancellable, read_cb, g_object_ref (self));
}

static gboolean
patience_cb (void *data)
{
  WeftlineChildOutput *self = data;

  self->patience_source = 0;
  g_cancellable_cancel (self->cancellable);
  return G_SOURCE_REMOVE;
}

void
weftline_child_output_end_soon (WeftlineChildOutput *self)
{
  if (!self->whole && self->patience_source == 0)
    self->patience_source = g_timeout_add (PATIENCE_MS, patience_cb, self);
}

/* ---- asking ---------------------------------------------------------------------------------- */

bool
weftline_child_output_is_whole (WeftlineChildOutput *self)
{
  return self->whole;
}

/* (transfer full) (nullable) */
static char *
dup_valid (WeftlineChildOutput *self)
{
  g_autofree char *text = NULL;
  const char *from;

  if (self->bytes->len == 0)
    return NULL;
  from = text = g_utf8_make_valid ((const char *) self->bytes->data, self->bytes->len);
  if (self->left_out && self->keep_last && strchr (text, '\n') != NULL)
    from = strchr (text, '\n') + 1;
  g_strchomp (text);
  return *text != '\0' && from < text + strlen (text) ? g_strdup (from) : NULL;
}

char *
weftline_child_output_dup_text (WeftlineChildOutput *self)
{
  char *text = dup_valid (self);

  if (text != NULL && self->left_out)
    {
      g_autofree char *shown = text;

      text = self->keep_last ? g_strdup_printf ("…\n%s", shown) : g_strdup_printf ("%s\n…", shown);
    }
  return text;
}

char *
weftline_child_output_dup_last_line (WeftlineChildOutput *self)
{
  g_autofree char *text = dup_valid (self);
  const char *line = text != NULL ? strrchr (text, '\n') : NULL;

  return g_strdup (line != NULL ? line + 1 : text);
}

/* ---- the object ------------------------------------------------------------------------------ */

static void
weftline_child_output_finalize (GObject *object)
{
  WeftlineChildOutput *self = WEFTLINE_CHILD_OUTPUT (object);

  g_clear_handle_id (&self->patience_source, g_source_remove);
  g_object_unref (self->stream);
  g_object_unref (self->cancellable);
  g_byte_array_unref (self->bytes);
  G_OBJECT_CLASS (weftline_child_output_parent_class)->finalize (object);
}

static void
weftline_child_output_class_init (WeftlineChildOutputClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = weftline_child_output_finalize;
  /**
   * WeftlineChildOutput::ended:
   *
   * No more will come.
   */
  ended_signal = g_signal_new ("ended", WEFTLINE_TYPE_CHILD_OUTPUT, G_SIGNAL_RUN_LAST, 0, NULL,
                               NULL, NULL, G_TYPE_NONE, 0);
}

static void
weftline_child_output_init (WeftlineChildOutput *self)
{
  self->cancellable = g_cancellable_new ();
  self->bytes = g_byte_array_new ();
}

WeftlineChildOutput *
weftline_child_output_new (GInputStream *stream, bool keep_last)
{
  WeftlineChildOutput *self = g_object_new (WEFTLINE_TYPE_CHILD_OUTPUT, NULL);

  self->stream = g_object_ref (stream);
  self->keep_last = keep_last;
  read_on (self);
  return self;
}
