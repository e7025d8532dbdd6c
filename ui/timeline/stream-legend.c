/* stream-legend.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "timeline/stream-legend.h"

#include "canvas/number-format.h"
#include "timeline/timeline-legend.h"

#include <glib/gi18n.h>

#define MEANING_CHARS 44

typedef struct
{
  const WeftlinePalette *palette;
  WeftlineLegendKind kind;
  uint32_t color;
} Sample;

static void
draw_cb (GtkDrawingArea *area G_GNUC_UNUSED, cairo_t *cr, int width, int height, void *data)
{
  const Sample *sample = data;

  weftline_timeline_legend_sample (cr, sample->palette, sample->kind, sample->color,
                                   (width - WEFTLINE_LEGEND_SAMPLE_WIDTH) / 2,
                                   (height - WEFTLINE_LEGEND_SAMPLE_HEIGHT) / 2);
}

static GtkWidget *
make_sample (const WeftlinePalette *palette, WeftlineLegendKind kind, uint32_t color)
{
  GtkWidget *area = gtk_drawing_area_new ();
  Sample *sample = g_new (Sample, 1);

  *sample = (Sample){ palette, kind, color };
  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (area), WEFTLINE_LEGEND_SAMPLE_WIDTH);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (area), WEFTLINE_LEGEND_SAMPLE_HEIGHT);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (area), draw_cb, sample, g_free);
  gtk_widget_set_valign (area, GTK_ALIGN_CENTER);
  return area;
}

static GtkWidget *
make_label (const char *text, gboolean is_dim)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  if (is_dim)
    {
      gtk_widget_add_css_class (label, "dim-label");
      gtk_label_set_wrap (GTK_LABEL (label), TRUE);
      gtk_label_set_width_chars (GTK_LABEL (label), MEANING_CHARS);
      gtk_label_set_max_width_chars (GTK_LABEL (label), MEANING_CHARS);
    }
  return label;
}

static GtkWidget *
make_kinds (const WeftlinePalette *palette)
{
  GtkWidget *grid = gtk_grid_new ();

  gtk_grid_set_row_spacing (GTK_GRID (grid), 6);
  gtk_grid_set_column_spacing (GTK_GRID (grid), 12);
  for (int kind = 0; kind < WEFTLINE_LEGEND_N_KINDS; kind++)
    {
      WeftlineLegendKind which = (WeftlineLegendKind) kind;

      gtk_grid_attach (GTK_GRID (grid), make_sample (palette, which, palette->dim), 0, kind, 1, 1);
      gtk_grid_attach (GTK_GRID (grid), make_label (weftline_timeline_legend_name (which), FALSE),
                       1, kind, 1, 1);
      gtk_grid_attach (GTK_GRID (grid), make_label (weftline_timeline_legend_meaning (which), TRUE),
                       2, kind, 1, 1);
    }
  return grid;
}

static GtkWidget *
make_group (const WeftlinePalette *palette, const WeftlineTimelineGroup *group)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *label = make_label (group->name, FALSE);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 18);
  gtk_box_append (GTK_BOX (box),
                  make_sample (palette, WEFTLINE_LEGEND_TASK,
                               weftline_palette_group (palette, group->name, group->slot)));
  gtk_box_append (GTK_BOX (box), label);
  return box;
}

static void
add_groups (GtkBox *all, const WeftlinePalette *palette, const GArray *groups)
{
  unsigned n = MIN (groups->len, WEFTLINE_LEGEND_GROUPS);
  GtkWidget *title, *grid;
  g_autofree char *shown = weftline_format_count (n);
  g_autofree char *of = weftline_format_count (groups->len);
  g_autofree char *some = g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "%s of %s group", "%s of %s groups", groups->len), shown, of);

  if (n == 0)
    return;
  grid = gtk_grid_new ();
  title = make_label (n < groups->len ? some : _ ("Groups"), FALSE);
  gtk_widget_add_css_class (title, "heading");
  gtk_grid_set_row_spacing (GTK_GRID (grid), 4);
  gtk_grid_set_column_spacing (GTK_GRID (grid), 18);
  for (unsigned i = 0; i < n; i++)
    gtk_grid_attach (GTK_GRID (grid),
                     make_group (palette, &g_array_index (groups, WeftlineTimelineGroup, i)),
                     (int) i % 3, (int) i / 3, 1, 1);
  gtk_box_append (all, title);
  gtk_box_append (all, grid);
}

GtkWidget *
weftline_stream_legend_new (const WeftlinePalette *palette, const WeftlineTimelineSource *source)
{
  GtkWidget *popover = gtk_popover_new (), *all = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);

  gtk_widget_add_css_class (all, "control-popover");
  gtk_box_append (GTK_BOX (all), make_kinds (palette));
  add_groups (GTK_BOX (all), palette, source->groups);
  gtk_popover_set_child (GTK_POPOVER (popover), all);
  gtk_accessible_update_property (GTK_ACCESSIBLE (popover), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Legend"), -1);
  return popover;
}
