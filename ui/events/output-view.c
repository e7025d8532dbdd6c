/* output-view.c: what tasks write, as it comes
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "events/follow.h"
#include "events/output-text.h"
#include "events/output-view.h"

#include <glib/gi18n.h>
#include <string.h>

/* Characters that are kept, and those that go at once when there are more. */
#define MAX_CHARS (1 << 20)
#define CHARS_AT_ONCE (MAX_CHARS / 8)
/* Pieces that are taken at a time, so that nobody waits. */
#define MAX_PIECES 2000

struct _WeftlineOutputView
{
  GtkWidget parent_instance;

  WeftlineSession *session;
  GtkWidget *scrolled;
  GtkWidget *text;
  GtkTextBuffer *buffer;
  WeftModel *model; /* (nullable): whose output is shown */
  uint64_t n_seen;  /* pieces */
  int64_t until_ns; /* what is later is left out */
  uint64_t n_bytes;
  uint64_t n_gone; /* of these, from the top */
  uint32_t task;   /* that wrote last */
  WeftStream stream;
  gboolean line_open; /* the last line has no end yet */
  guint more_source;
};

G_DEFINE_FINAL_TYPE (WeftlineOutputView, weftline_output_view, GTK_TYPE_WIDGET)

/* ---- text ------------------------------------------------------------------------------------ */

static void
append (WeftlineOutputView *self, const char *text, int n_bytes, const char *tag)
{
  GtkTextIter end;

  gtk_text_buffer_get_end_iter (self->buffer, &end);
  gtk_text_buffer_insert_with_tags_by_name (self->buffer, &end, text, n_bytes, tag, NULL);
}

/* Who writes from here on. */
static void
append_heading (WeftlineOutputView *self, const WeftModelLog *log)
{
  g_autofree char *heading = weftline_output_heading (self->model, log);

  if (self->line_open)
    append (self, "\n", 1, "heading");
  append (self, heading, -1, "heading");
  append (self, "\n", 1, "heading");
}

static void
append_piece (WeftlineOutputView *self, uint64_t index)
{
  g_autofree char *valid = NULL;
  WeftModelLog log;

  weft_model_log (self->model, index, &log);
  if (log.n_bytes == 0 || log.at_ns > self->until_ns || log.stream == WEFT_STREAM_LOG)
    return;
  if (self->n_bytes == 0 || log.task != self->task || log.stream != self->stream)
    append_heading (self, &log);
  self->task = log.task;
  self->stream = log.stream;
  valid = g_utf8_make_valid (log.bytes, (gssize) log.n_bytes);
  append (self, valid, -1, "text");
  self->line_open = log.bytes[log.n_bytes - 1] != '\n';
  self->n_bytes += log.n_bytes;
}

/* Bytes of what tasks wrote, without headings. */
static uint64_t
count_text (WeftlineOutputView *self, const GtkTextIter *start, const GtkTextIter *end)
{
  GtkTextTag *tag =
      gtk_text_tag_table_lookup (gtk_text_buffer_get_tag_table (self->buffer), "text");
  GtkTextIter from = *start;
  uint64_t n_bytes = 0;

  while (gtk_text_iter_compare (&from, end) < 0)
    {
      gboolean counts = gtk_text_iter_has_tag (&from, tag);
      GtkTextIter to = from;
      g_autofree char *text = NULL;

      if (!gtk_text_iter_forward_to_tag_toggle (&to, tag) || gtk_text_iter_compare (&to, end) > 0)
        to = *end;
      text = gtk_text_buffer_get_text (self->buffer, &from, &to, TRUE);
      n_bytes += counts ? strlen (text) : 0;
      from = to;
    }
  return n_bytes;
}

static void
shorten (WeftlineOutputView *self)
{
  int n_chars = gtk_text_buffer_get_char_count (self->buffer);
  GtkTextIter start, end;

  if (n_chars <= MAX_CHARS)
    return;
  gtk_text_buffer_get_start_iter (self->buffer, &start);
  gtk_text_buffer_get_iter_at_offset (self->buffer, &end, n_chars - MAX_CHARS + CHARS_AT_ONCE);
  gtk_text_iter_forward_line (&end);
  self->n_gone += count_text (self, &start, &end);
  gtk_text_buffer_delete (self->buffer, &start, &end);
}

static void
clear (WeftlineOutputView *self)
{
  gtk_text_buffer_set_text (self->buffer, "", 0);
  self->n_seen = self->n_bytes = self->n_gone = 0;
  self->line_open = FALSE;
}

static void update (WeftlineOutputView *self);

static gboolean
more_cb (void *data)
{
  WeftlineOutputView *self = data;

  self->more_source = 0;
  update (self);
  return G_SOURCE_REMOVE;
}

static void
update (WeftlineOutputView *self)
{
  uint64_t n = weftline_session_snapshot (self->session)->n_logs, until;
  WeftModel *model = weftline_session_model (self->session);

  if (self->model != model)
    clear (self);
  self->model = model;
  until = MIN (n, self->n_seen + MAX_PIECES);
  if (model == NULL || until == self->n_seen)
    return;
  for (; self->n_seen < until; self->n_seen++)
    append_piece (self, self->n_seen);
  shorten (self);
  if (until < n && self->more_source == 0)
    self->more_source = g_idle_add (more_cb, self);
}

/* Pieces may come in another order than they were written, so all are looked at again. */
static void
time_cb (WeftlineOutputView *self)
{
  self->until_ns = weftline_session_time (self->session);
  if (self->n_seen > 0)
    clear (self);
  update (self);
}

void
weftline_output_view_get_sizes (WeftlineOutputView *self, uint64_t *n_shown, uint64_t *n_bytes)
{
  *n_bytes = self->n_bytes;
  *n_shown = self->n_bytes - MIN (self->n_gone, self->n_bytes);
}

/* ---- the widget ------------------------------------------------------------------------------ */

static void
weftline_output_view_dispose (GObject *object)
{
  WeftlineOutputView *self = WEFTLINE_OUTPUT_VIEW (object);

  g_clear_handle_id (&self->more_source, g_source_remove);
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_object (&self->session);
  g_clear_pointer (&self->scrolled, gtk_widget_unparent);
  G_OBJECT_CLASS (weftline_output_view_parent_class)->dispose (object);
}

static void
weftline_output_view_class_init (WeftlineOutputViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = weftline_output_view_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
weftline_output_view_init (WeftlineOutputView *self)
{
  self->scrolled = gtk_scrolled_window_new ();
  self->text = gtk_text_view_new ();
  self->buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->text));
  gtk_text_buffer_create_tag (self->buffer, "text", NULL);
  gtk_text_buffer_create_tag (self->buffer, "heading", "weight", PANGO_WEIGHT_BOLD,
                              "pixels-above-lines", 6, NULL);
  gtk_text_view_set_editable (GTK_TEXT_VIEW (self->text), FALSE);
  gtk_text_view_set_cursor_visible (GTK_TEXT_VIEW (self->text), FALSE);
  gtk_text_view_set_monospace (GTK_TEXT_VIEW (self->text), TRUE);
  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (self->text), GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_left_margin (GTK_TEXT_VIEW (self->text), 12);
  gtk_text_view_set_right_margin (GTK_TEXT_VIEW (self->text), 12);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->text), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Output of tasks"), -1);
  gtk_widget_add_css_class (self->text, "event-output");
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scrolled), self->text);
  gtk_widget_set_vexpand (self->scrolled, TRUE);
  weftline_follow_end (GTK_SCROLLED_WINDOW (self->scrolled));
  gtk_widget_set_parent (self->scrolled, GTK_WIDGET (self));
}

GtkWidget *
weftline_output_view_new (WeftlineSession *session)
{
  WeftlineOutputView *self = g_object_new (WEFTLINE_TYPE_OUTPUT_VIEW, NULL);

  self->session = g_object_ref (session);
  g_signal_connect_swapped (session, "snapshot-changed", G_CALLBACK (update), self);
  g_signal_connect_swapped (session, "time-changed", G_CALLBACK (time_cb), self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Output of tasks"), -1);
  time_cb (self);
  return GTK_WIDGET (self);
}
