/* text-zoom.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "canvas/text-zoom.h"

#include <math.h>

#define USUAL_POINTS 11
#define POINTS_AN_INCH 72
#define USUAL_DPI 96

struct _WeftlineTextZoom
{
  GtkWidget parent;
  GtkWidget *child;
};

G_DEFINE_FINAL_TYPE (WeftlineTextZoom, weftline_text_zoom, GTK_TYPE_WIDGET)

static const PangoFontDescription *
font_of (GtkWidget *widget)
{
  return pango_context_get_font_description (gtk_widget_get_pango_context (widget));
}

double
weftline_text_zoom_of (GtkWidget *widget)
{
  const PangoFontDescription *font = font_of (widget);
  double dpi = pango_cairo_context_get_resolution (gtk_widget_get_pango_context (widget));
  double px = (double) pango_font_description_get_size (font) / PANGO_SCALE;

  if (!pango_font_description_get_size_is_absolute (font))
    px *= (dpi > 0 ? dpi : USUAL_DPI) / POINTS_AN_INCH;
  return MAX (px / ((double) USUAL_POINTS * USUAL_DPI / POINTS_AN_INCH), 1);
}

char *
weftline_text_zoom_dup_font (GtkWidget *widget)
{
  PangoFontDescription *font = pango_font_description_copy (font_of (widget));
  double size = pango_font_description_get_size (font) / weftline_text_zoom_of (widget);
  char *text;

  if (pango_font_description_get_size_is_absolute (font))
    pango_font_description_set_absolute_size (font, size);
  else
    pango_font_description_set_size (font, (int) round (size));
  text = pango_font_description_to_string (font);
  pango_font_description_free (font);
  return text;
}

/* ---- the widget ------------------------------------------------------------------------------ */

#define SLACK 0.02 /* of what is counted in pixels, for what fonts are off their nominal size */

static int
shrunk (int size, double zoom)
{
  return size < 0 ? size : (int) floor (size / zoom + SLACK);
}

static int
grown (int size, double zoom)
{
  return (int) ceil (size * zoom - SLACK);
}

static void
weftline_text_zoom_measure (GtkWidget *widget, GtkOrientation orientation, int for_size,
                            int *minimum, int *natural, int *minimum_baseline,
                            int *natural_baseline)
{
  WeftlineTextZoom *self = WEFTLINE_TEXT_ZOOM (widget);
  double zoom = weftline_text_zoom_of (widget);

  gtk_widget_measure (self->child, orientation, shrunk (for_size, zoom), minimum, natural, NULL,
                      NULL);
  *minimum = grown (*minimum, zoom);
  *natural = grown (*natural, zoom);
  *minimum_baseline = *natural_baseline = -1;
}

static void
weftline_text_zoom_size_allocate (GtkWidget *widget, int width, int height,
                                  int baseline G_GNUC_UNUSED)
{
  WeftlineTextZoom *self = WEFTLINE_TEXT_ZOOM (widget);
  double zoom = weftline_text_zoom_of (widget);

  if (gtk_widget_should_layout (self->child))
    gtk_widget_allocate (self->child, shrunk (width, zoom), shrunk (height, zoom), -1,
                         zoom > 1 ? gsk_transform_scale (NULL, (float) zoom, (float) zoom) : NULL);
}

static void
weftline_text_zoom_compute_expand (GtkWidget *widget, gboolean *hexpand, gboolean *vexpand)
{
  WeftlineTextZoom *self = WEFTLINE_TEXT_ZOOM (widget);

  *hexpand = gtk_widget_compute_expand (self->child, GTK_ORIENTATION_HORIZONTAL);
  *vexpand = gtk_widget_compute_expand (self->child, GTK_ORIENTATION_VERTICAL);
}

static void
weftline_text_zoom_dispose (GObject *object)
{
  WeftlineTextZoom *self = WEFTLINE_TEXT_ZOOM (object);

  g_clear_pointer (&self->child, gtk_widget_unparent);
  G_OBJECT_CLASS (weftline_text_zoom_parent_class)->dispose (object);
}

static void
weftline_text_zoom_class_init (WeftlineTextZoomClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = weftline_text_zoom_dispose;
  widget_class->compute_expand = weftline_text_zoom_compute_expand;
  widget_class->measure = weftline_text_zoom_measure;
  widget_class->size_allocate = weftline_text_zoom_size_allocate;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
weftline_text_zoom_init (WeftlineTextZoom *self G_GNUC_UNUSED)
{
}

GtkWidget *
weftline_text_zoom_new (GtkWidget *child)
{
  WeftlineTextZoom *self = g_object_new (WEFTLINE_TYPE_TEXT_ZOOM, NULL);

  self->child = child;
  gtk_widget_set_parent (child, GTK_WIDGET (self));
  return GTK_WIDGET (self);
}
