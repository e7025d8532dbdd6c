/* widget-text.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "canvas/widget-text.h"

gboolean
weftline_widget_text (GtkWidget *widget, WeftlineTextCache **text, int *scale, gboolean rtl)
{
  int now = gtk_widget_get_scale_factor (widget);
  g_autofree char *font = NULL;

  if (*text != NULL && *scale == now)
    return FALSE;
  font = pango_font_description_to_string (
      pango_context_get_font_description (gtk_widget_get_pango_context (widget)));
  weftline_text_cache_free (*text);
  *text = weftline_text_cache_new (font, now, rtl);
  *scale = now;
  return TRUE;
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
