/* held-popover.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "memory/held-popover.h"

#include "canvas/number-format.h"
#include "memory/held-words.h"

#include <glib/gi18n.h>

#define MOST_CHARS 44 /* of a key, and what is said of it */

static GtkWidget *
make_label (const char *text, const char *style)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_set_tooltip_text (label, text);
  if (style != NULL)
    gtk_widget_add_css_class (label, style);
  return label;
}

static void
select_cb (GtkWidget *button, WeftlineSession *session)
{
  weftline_session_select_task (
      session, GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "weftline-task")));
}

/* Selects a task everywhere. */
static GtkWidget *
make_button (WeftlineSession *session, uint32_t task, const char *text)
{
  GtkWidget *button = gtk_button_new ();
  GtkWidget *label = make_label (text, NULL);

  gtk_label_set_max_width_chars (GTK_LABEL (label), MOST_CHARS);
  gtk_button_set_child (GTK_BUTTON (button), label);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_halign (button, GTK_ALIGN_START);
  g_object_set_data (G_OBJECT (button), "weftline-task", GUINT_TO_POINTER (task));
  g_signal_connect_object (button, "clicked", G_CALLBACK (select_cb), session, 0);
  return button;
}

static void
add_line (GtkGrid *grid, int line, WeftlineSession *session, int64_t at_ns, const WeftHeld *held)
{
  WeftModel *model = weftline_session_model (session);
  g_autofree char *key = weft_model_task_dup_key (model, held->task);
  g_autofree char *bytes = weftline_format_bytes (held->bytes, WEFTLINE_BYTES_DECIMAL);
  g_autofree char *keeper = weftline_held_keeper (model, held, at_ns);
  g_autofree char *on_disk = g_strdup_printf (_ ("%s on disk"), bytes);
  GtkWidget *amount = make_label (held->on_disk ? on_disk : bytes, "numeric");

  gtk_label_set_xalign (GTK_LABEL (amount), 1);
  gtk_grid_attach (grid, make_button (session, held->task, key), 0, line, 1, 1);
  gtk_grid_attach (grid, amount, 1, line, 1, 1);
  gtk_grid_attach (grid,
                   held->keeper != WEFT_NONE ? make_button (session, held->keeper, keeper)
                                             : make_label (keeper, "dim-label"),
                   2, line, 1, 1);
}

GtkWidget *
weftline_held_popover_new (WeftlineSession *session, int64_t at_ns, const WeftHeld *held,
                           uint32_t n, const WeftHeldSum *sum)
{
  GtkWidget *popover = gtk_popover_new (), *grid = gtk_grid_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  WeftlineClock clock = weftline_session_clock (session);
  g_autofree char *title = weftline_held_title (sum, at_ns, &clock);
  g_autofree char *listed = weftline_format_count (n);
  g_autofree char *all = weftline_format_count (sum->n);
  /* Translators: so many of so many results */
  g_autofree char *shown = g_strdup_printf (_ ("the %s largest of %s"), listed, all);

  gtk_grid_set_column_spacing (GTK_GRID (grid), 6);
  gtk_widget_add_css_class (grid, "held-list");
  for (uint32_t i = 0; i < n; i++)
    add_line (GTK_GRID (grid), (int) i, session, at_ns, &held[i]);
  gtk_widget_add_css_class (box, "control-popover");
  gtk_box_append (GTK_BOX (box), make_label (title, "heading"));
  gtk_box_append (GTK_BOX (box), grid);
  if (n < sum->n)
    gtk_box_append (GTK_BOX (box), make_label (shown, "dim-label"));
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (popover), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  -1);
  return popover;
}
