/* task-cell.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "table/task-cell.h"

#include "canvas/state-form.h"
#include "table/task-words.h"

#define FORM 12 /* width and height of a state's form */
#define GAP 8

#define METRICS_KEY "weftline-cell-metrics"

struct _WeftlineTaskCell
{
  GtkWidget parent_instance;

  WeftlineTaskColumn column;
  guint place;
  char *text;                     /* (nullable) */
  PangoLayout *layout;            /* (nullable): while it is seen */
  const WeftlinePalette *palette; /* (nullable): no form is drawn */
  WeftModelState state;
  uint32_t color;
  gboolean veiled, hovered;
};

G_DEFINE_FINAL_TYPE (WeftlineTaskCell, weftline_task_cell, GTK_TYPE_WIDGET)

/* ---- sizes ----------------------------------------------------------------------------------- */

typedef struct
{
  guint serial;  /* of the context they are from */
  int character; /* in units of pango */
  int line;
} Metrics;

/* A column view makes and measures two hundred rows, of which a dozen are seen: what is the same
 * for all cells is asked for once, from what they are in. */
static const Metrics *
metrics_of (WeftlineTaskCell *self)
{
  GtkWidget *view = gtk_widget_get_ancestor (GTK_WIDGET (self), GTK_TYPE_COLUMN_VIEW);
  GObject *keeper = G_OBJECT (view != NULL ? view : GTK_WIDGET (self));
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (keeper));
  Metrics *metrics = g_object_get_data (keeper, METRICS_KEY);
  PangoFontMetrics *font;

  if (metrics != NULL && metrics->serial == pango_context_get_serial (context))
    return metrics;
  font = pango_context_get_metrics (context, NULL, NULL);
  metrics = g_new (Metrics, 1);
  metrics->serial = pango_context_get_serial (context);
  metrics->character = MAX (pango_font_metrics_get_approximate_char_width (font),
                            pango_font_metrics_get_approximate_digit_width (font));
  metrics->line = pango_font_metrics_get_ascent (font) + pango_font_metrics_get_descent (font);
  pango_font_metrics_unref (font);
  g_object_set_data_full (keeper, METRICS_KEY, metrics, g_free);
  return metrics;
}

static int
before_text (WeftlineTaskCell *self)
{
  return self->column == WEFTLINE_TASK_STATE ? FORM + GAP : 0;
}

static void
weftline_task_cell_measure (GtkWidget *widget, GtkOrientation orientation,
                            int for_size G_GNUC_UNUSED, int *minimum, int *natural,
                            int *minimum_baseline, int *natural_baseline)
{
  WeftlineTaskCell *self = WEFTLINE_TASK_CELL (widget);
  const Metrics *metrics = metrics_of (self);
  unsigned least, usual;

  *minimum_baseline = *natural_baseline = -1;
  if (orientation == GTK_ORIENTATION_VERTICAL)
    {
      *minimum = *natural = PANGO_PIXELS_CEIL (metrics->line);
      return;
    }
  weftline_task_column_chars (self->column, &least, &usual);
  *minimum = before_text (self) + PANGO_PIXELS_CEIL ((int) least * metrics->character);
  *natural = before_text (self) + PANGO_PIXELS_CEIL ((int) MAX (least, usual) * metrics->character);
}

/* ---- drawing --------------------------------------------------------------------------------- */

static bool
is_rtl (WeftlineTaskCell *self)
{
  return gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
}

/* Figures are of one width, as the style's “numeric”. */
static void
set_attributes (WeftlineTaskCell *self)
{
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  if (weftline_task_column_is_number (self->column))
    pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum"));
  if (self->hovered)
    pango_attr_list_insert (attributes, pango_attr_underline_new (PANGO_UNDERLINE_SINGLE));
  pango_layout_set_attributes (self->layout, attributes);
}

/* In the room that there is. Words begin where lines do, numbers end on the right, so that their
 * figures stand below each other; both in any direction. Returns: where the text begins in the
 * layout */
static int
lay_out (WeftlineTaskCell *self, graphene_rect_t *box)
{
  int before = before_text (self);
  int room = MAX (gtk_widget_get_width (GTK_WIDGET (self)) - before, 0);
  bool on_right = weftline_task_column_is_number (self->column) || is_rtl (self);
  PangoRectangle logical;

  if (self->layout == NULL)
    {
      self->layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), self->text);
      pango_layout_set_single_paragraph_mode (self->layout, TRUE);
      /* keys differ at their ends, too */
      pango_layout_set_ellipsize (self->layout, self->column == WEFTLINE_TASK_KEY
                                                    ? PANGO_ELLIPSIZE_MIDDLE
                                                    : PANGO_ELLIPSIZE_END);
      set_attributes (self);
    }
  pango_layout_set_width (self->layout, -1);
  pango_layout_get_pixel_extents (self->layout, NULL, &logical);
  if (logical.width > room)
    {
      pango_layout_set_width (self->layout, room * PANGO_SCALE);
      pango_layout_get_pixel_extents (self->layout, NULL, &logical);
    }
  box->origin.x = (float) ((is_rtl (self) ? 0 : before) + (on_right ? room - logical.width : 0));
  box->origin.y = (float) MAX ((gtk_widget_get_height (GTK_WIDGET (self)) - logical.height) / 2, 0);
  box->size.width = (float) logical.width;
  box->size.height = (float) logical.height;
  return logical.x;
}

static void
show_text (WeftlineTaskCell *self, GtkSnapshot *snapshot)
{
  GtkWidget *widget = GTK_WIDGET (self);
  graphene_rect_t box;
  int left = lay_out (self, &box);

  gtk_snapshot_push_clip (snapshot,
                          &GRAPHENE_RECT_INIT (0, 0, (float) gtk_widget_get_width (widget),
                                               (float) gtk_widget_get_height (widget)));
  gtk_snapshot_render_layout (snapshot, gtk_widget_get_style_context (widget),
                              (double) box.origin.x - left, (double) box.origin.y, self->layout);
  gtk_snapshot_pop (snapshot);
}

static void
show_form (WeftlineTaskCell *self, GtkSnapshot *snapshot)
{
  int x = is_rtl (self) ? gtk_widget_get_width (GTK_WIDGET (self)) - FORM : 0;
  int y = (gtk_widget_get_height (GTK_WIDGET (self)) - FORM) / 2;
  graphene_rect_t place = GRAPHENE_RECT_INIT ((float) x, (float) y, FORM, FORM);
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &place);

  weftline_state_form_draw (cr, self->palette, self->state, self->color, x, y, FORM, FORM);
  cairo_destroy (cr);
}

static void
weftline_task_cell_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  WeftlineTaskCell *self = WEFTLINE_TASK_CELL (widget);

  if (self->palette != NULL)
    show_form (self, snapshot);
  if (self->text != NULL && *self->text != '\0')
    show_text (self, snapshot);
}

/* ---- the widget ------------------------------------------------------------------------------ */

static void
weftline_task_cell_unmap (GtkWidget *widget)
{
  g_clear_object (&WEFTLINE_TASK_CELL (widget)->layout);
  GTK_WIDGET_CLASS (weftline_task_cell_parent_class)->unmap (widget);
}

static void
weftline_task_cell_direction_changed (GtkWidget *widget, GtkTextDirection before)
{
  GTK_WIDGET_CLASS (weftline_task_cell_parent_class)->direction_changed (widget, before);
  gtk_widget_queue_draw (widget);
}

static void
weftline_task_cell_dispose (GObject *object)
{
  g_clear_object (&WEFTLINE_TASK_CELL (object)->layout);
  G_OBJECT_CLASS (weftline_task_cell_parent_class)->dispose (object);
}

static void
weftline_task_cell_finalize (GObject *object)
{
  g_free (WEFTLINE_TASK_CELL (object)->text);
  G_OBJECT_CLASS (weftline_task_cell_parent_class)->finalize (object);
}

static void
weftline_task_cell_class_init (WeftlineTaskCellClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = weftline_task_cell_dispose;
  G_OBJECT_CLASS (class)->finalize = weftline_task_cell_finalize;
  widget_class->direction_changed = weftline_task_cell_direction_changed;
  widget_class->measure = weftline_task_cell_measure;
  widget_class->snapshot = weftline_task_cell_snapshot;
  widget_class->unmap = weftline_task_cell_unmap;
  gtk_widget_class_set_css_name (widget_class, "taskcell");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LABEL);
}

static void
weftline_task_cell_init (WeftlineTaskCell *self)
{
  self->place = GTK_INVALID_LIST_POSITION;
}

GtkWidget *
weftline_task_cell_new (WeftlineTaskColumn column)
{
  WeftlineTaskCell *self = g_object_new (WEFTLINE_TYPE_TASK_CELL, NULL);

  self->column = column;
  return GTK_WIDGET (self);
}

WeftlineTaskColumn
weftline_task_cell_column (WeftlineTaskCell *self)
{
  return self->column;
}

guint
weftline_task_cell_place (WeftlineTaskCell *self)
{
  return self->place;
}

void
weftline_task_cell_set_place (WeftlineTaskCell *self, guint place)
{
  self->place = place;
}

void
weftline_task_cell_set_text (WeftlineTaskCell *self, const char *text)
{
  if (g_strcmp0 (self->text, text) == 0)
    return;
  g_free (self->text);
  self->text = g_strdup (text);
  if (self->layout != NULL)
    pango_layout_set_text (self->layout, text, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

const char *
weftline_task_cell_text (WeftlineTaskCell *self)
{
  return self->text;
}

void
weftline_task_cell_text_box (WeftlineTaskCell *self, graphene_rect_t *box)
{
  lay_out (self, box);
}

void
weftline_task_cell_set_state (WeftlineTaskCell *self, const WeftlinePalette *palette,
                              WeftModelState state, uint32_t color)
{
  if (self->palette == palette && self->state == state && self->color == color)
    return;
  self->palette = palette;
  self->state = state;
  self->color = color;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
set_class (GtkWidget *widget, const char *name, gboolean set)
{
  if (set)
    gtk_widget_add_css_class (widget, name);
  else
    gtk_widget_remove_css_class (widget, name);
}

void
weftline_task_cell_set_look (WeftlineTaskCell *self, gboolean veiled, gboolean hovered)
{
  if (self->veiled != veiled)
    set_class (GTK_WIDGET (self), "veiled", veiled);
  if (self->hovered != hovered)
    set_class (GTK_WIDGET (self), "hovered", hovered);
  self->veiled = veiled;
  self->hovered = hovered;
  if (self->layout != NULL)
    set_attributes (self);
}
