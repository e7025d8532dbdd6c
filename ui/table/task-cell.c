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

struct _WeftlineTaskCell
{
  GtkWidget parent_instance;

  WeftlineTaskColumn column;
  guint place;
  GtkWidget *text;
  const WeftlinePalette *palette; /* (nullable): no form is drawn */
  WeftModelState state;
  uint32_t color;
  gboolean veiled, hovered;
};

G_DEFINE_FINAL_TYPE (WeftlineTaskCell, weftline_task_cell, GTK_TYPE_WIDGET)

static bool
is_rtl (WeftlineTaskCell *self)
{
  return gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
}

/* Letters of scripts that run from right to left, as far as these have blocks of their own. */
static bool
runs_to_left (gunichar letter)
{
  static const gunichar blocks[][2] = { { 0x590, 0x8ff },
                                        { 0xfb1d, 0xfdff },
                                        { 0xfe70, 0xfeff },
                                        { 0x10800, 0x10fff },
                                        { 0x1e800, 0x1efff } };

  for (unsigned i = 0; i < G_N_ELEMENTS (blocks); i++)
    if (letter >= blocks[i][0] && letter <= blocks[i][1])
      return true;
  return false;
}

/* Whether a text is laid out from right to left: by its first letter, else as the widget is. */
static bool
is_to_left (WeftlineTaskCell *self, const char *text)
{
  for (; text != NULL && *text != 0; text = g_utf8_next_char (text))
    if (g_unichar_isalpha (g_utf8_get_char (text)))
      return runs_to_left (g_utf8_get_char (text));
  return is_rtl (self);
}

/* Words begin where lines do, numbers end on the right, so that their figures stand below each
 * other; both in any direction. In a text that runs to the left GTK takes the end for the left. */
static void
align_text (WeftlineTaskCell *self)
{
  GtkInscription *text = GTK_INSCRIPTION (self->text);
  bool right = weftline_task_column_is_number (self->column) || is_rtl (self);
  bool to_left = is_to_left (self, gtk_inscription_get_text (text));

  gtk_inscription_set_xalign (text, right != to_left ? 1 : 0);
}

static void
weftline_task_cell_direction_changed (GtkWidget *widget, GtkTextDirection before)
{
  GTK_WIDGET_CLASS (weftline_task_cell_parent_class)->direction_changed (widget, before);
  align_text (WEFTLINE_TASK_CELL (widget));
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
  int before = orientation == GTK_ORIENTATION_HORIZONTAL ? before_text (self) : 0;

  gtk_widget_measure (self->text, orientation, -1, minimum, natural, NULL, NULL);
  *minimum += before;
  *natural += before;
  *minimum_baseline = *natural_baseline = -1;
}

static void
weftline_task_cell_size_allocate (GtkWidget *widget, int width, int height,
                                  int baseline G_GNUC_UNUSED)
{
  WeftlineTaskCell *self = WEFTLINE_TASK_CELL (widget);
  int before = before_text (self);
  bool rtl = is_rtl (self);

  gtk_widget_size_allocate (
      self->text, &(GtkAllocation){ rtl ? 0 : before, 0, MAX (width - before, 0), height }, -1);
}

static void
weftline_task_cell_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  WeftlineTaskCell *self = WEFTLINE_TASK_CELL (widget);
  bool rtl = is_rtl (self);
  int x = rtl ? gtk_widget_get_width (widget) - FORM : 0;
  int y = (gtk_widget_get_height (widget) - FORM) / 2;

  if (self->palette != NULL)
    {
      graphene_rect_t place = GRAPHENE_RECT_INIT ((float) x, (float) y, FORM, FORM);
      cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &place);

      weftline_state_form_draw (cr, self->palette, self->state, self->color, x, y, FORM, FORM);
      cairo_destroy (cr);
    }
  GTK_WIDGET_CLASS (weftline_task_cell_parent_class)->snapshot (widget, snapshot);
}

static void
weftline_task_cell_dispose (GObject *object)
{
  g_clear_pointer (&WEFTLINE_TASK_CELL (object)->text, gtk_widget_unparent);
  G_OBJECT_CLASS (weftline_task_cell_parent_class)->dispose (object);
}

static void
weftline_task_cell_class_init (WeftlineTaskCellClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = weftline_task_cell_dispose;
  widget_class->direction_changed = weftline_task_cell_direction_changed;
  widget_class->measure = weftline_task_cell_measure;
  widget_class->size_allocate = weftline_task_cell_size_allocate;
  widget_class->snapshot = weftline_task_cell_snapshot;
  gtk_widget_class_set_css_name (widget_class, "taskcell");
}

static void
weftline_task_cell_init (WeftlineTaskCell *self)
{
  self->place = GTK_INVALID_LIST_POSITION;
  self->text = gtk_inscription_new (NULL);
  gtk_widget_set_parent (self->text, GTK_WIDGET (self));
}

GtkWidget *
weftline_task_cell_new (WeftlineTaskColumn column)
{
  WeftlineTaskCell *self = g_object_new (WEFTLINE_TYPE_TASK_CELL, NULL);
  GtkInscription *text = GTK_INSCRIPTION (self->text);
  unsigned least, natural;

  self->column = column;
  weftline_task_column_chars (column, &least, &natural);
  gtk_inscription_set_min_chars (text, least);
  gtk_inscription_set_nat_chars (text, natural);
  gtk_inscription_set_min_lines (text, 1);
  gtk_inscription_set_text_overflow (text, GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_END);
  if (weftline_task_column_is_number (column))
    gtk_widget_add_css_class (self->text, "numeric");
  align_text (self);
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
  if (g_strcmp0 (gtk_inscription_get_text (GTK_INSCRIPTION (self->text)), text) == 0)
    return;
  gtk_inscription_set_text (GTK_INSCRIPTION (self->text), text);
  align_text (self);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->text), GTK_ACCESSIBLE_PROPERTY_LABEL, text,
                                  -1);
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
}
