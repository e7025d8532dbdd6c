/* follow.c: what grows at its end, and is watched there
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Views move their contents themselves when these become longer or shorter. Somebody scrolled when
 * the place is another and the length is the same.
 */
#include "config.h"

#include "events/follow.h"

#define KEY "weftline-follow"

typedef struct
{
  GtkAdjustment *adjustment;
  double value, upper;
  gboolean follows;
  guint source;
} Follow;

static double
end_of (GtkAdjustment *adjustment)
{
  return gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment);
}

/* Not while places are given. */
static gboolean
end_cb (void *data)
{
  Follow *self = data;

  self->source = 0;
  gtk_adjustment_set_value (self->adjustment, end_of (self->adjustment));
  return G_SOURCE_REMOVE;
}

static void
changed_cb (Follow *self)
{
  self->upper = gtk_adjustment_get_upper (self->adjustment);
  if (self->follows && self->source == 0)
    self->source = g_idle_add (end_cb, self);
}

static void
value_cb (Follow *self)
{
  double value = gtk_adjustment_get_value (self->adjustment);
  double upper = gtk_adjustment_get_upper (self->adjustment);

  if (value + 1 >= end_of (self->adjustment))
    self->follows = TRUE;
  else if (upper == self->upper && value < self->value)
    self->follows = FALSE;
  self->value = value;
  self->upper = upper;
}

static void
follow_free (void *data)
{
  Follow *self = data;

  g_signal_handlers_disconnect_by_data (self->adjustment, self);
  g_clear_handle_id (&self->source, g_source_remove);
  g_object_unref (self->adjustment);
  g_free (self);
}

void
weftline_follow_end (GtkScrolledWindow *scrolled)
{
  Follow *self = g_new0 (Follow, 1);

  self->adjustment = g_object_ref (gtk_scrolled_window_get_vadjustment (scrolled));
  self->follows = TRUE;
  g_signal_connect_swapped (self->adjustment, "changed", G_CALLBACK (changed_cb), self);
  g_signal_connect_swapped (self->adjustment, "value-changed", G_CALLBACK (value_cb), self);
  g_object_set_data_full (G_OBJECT (scrolled), KEY, self, follow_free);
}

gboolean
weftline_follows_end (GtkScrolledWindow *scrolled)
{
  Follow *self = g_object_get_data (G_OBJECT (scrolled), KEY);

  return self != NULL && self->follows;
}
