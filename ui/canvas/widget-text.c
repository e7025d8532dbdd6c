/* widget-text.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "canvas/widget-text.h"

#include "canvas/text-zoom.h"

gboolean
weftline_widget_text (GtkWidget *widget, WeftlineTextCache **text, int *scale)
{
  int now = gtk_widget_get_scale_factor (widget);
  g_autofree char *font = weftline_text_zoom_dup_font (widget);

  if (*text != NULL && *scale == now && strcmp (font, weftline_text_cache_font (*text)) == 0)
    return FALSE;
  weftline_text_cache_free (*text);
  *text = weftline_text_cache_new (font, now);
  *scale = now;
  return TRUE;
}

void
weftline_widget_keep_ltr (GtkWidget *widget)
{
  gtk_widget_set_direction (widget, GTK_TEXT_DIR_LTR);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    weftline_widget_keep_ltr (child);
}

void
weftline_widget_tell (GtkWidget *widget, const char *text)
{
  if (g_strcmp0 (gtk_widget_get_tooltip_text (widget), text) != 0)
    gtk_widget_set_tooltip_text (widget, text);
}

void
weftline_label_wrap (GtkWidget *label)
{
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_insert_hyphens_new (FALSE));
  gtk_label_set_attributes (GTK_LABEL (label), attributes);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
}
