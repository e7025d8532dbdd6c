/* text-line.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "canvas/text-line.h"

#include "canvas/reading.h"

#define GAP 6

typedef enum
{
  TITLE,
  TIME,
  FIGURES,
  N_PARTS
} Part;

struct _WeftlineTextLine
{
  GtkWidget parent_instance;
  GtkWidget *parts[N_PARTS]; /* (nullable) */
  bool drawn[N_PARTS];
};

G_DEFINE_FINAL_TYPE (WeftlineTextLine, weftline_text_line, GTK_TYPE_WIDGET)

typedef struct
{
  int least[N_PARTS], wanted[N_PARTS]; /* 0: not there */
} Widths;

static void
ask (WeftlineTextLine *self, Widths *widths)
{
  *widths = (Widths){ 0 };
  for (Part part = 0; part < N_PARTS; part++)
    if (self->parts[part] != NULL)
      gtk_widget_measure (self->parts[part], GTK_ORIENTATION_HORIZONTAL, -1, &widths->least[part],
                          &widths->wanted[part], NULL, NULL);
}

/* With the gap before it. */
static int
with_gap (int width)
{
  return width > 0 ? width + GAP : 0;
}

/* How wide each becomes; 0: it is not shown. */
static void
divide (const Widths *widths, int room, int *shares)
{
  int time_room = MAX (room - widths->least[TITLE] - GAP, 0);

  shares[TIME] = MIN (widths->wanted[TIME], MAX (time_room, widths->least[TIME]));
  room -= with_gap (shares[TIME]);
  shares[TITLE] = MIN (widths->wanted[TITLE], MAX (room, widths->least[TITLE]));
  room -= shares[TITLE] + GAP;
  /* an ellipsis and a few letters say nothing */
  shares[FIGURES] = room >= MIN (widths->wanted[FIGURES], 3 * widths->least[FIGURES])
                        ? MIN (room, widths->wanted[FIGURES])
                        : 0;
}

static void
weftline_text_line_measure (GtkWidget *widget, GtkOrientation orientation,
                            int for_size G_GNUC_UNUSED, int *minimum, int *natural,
                            int *minimum_baseline, int *natural_baseline)
{
  WeftlineTextLine *self = WEFTLINE_TEXT_LINE (widget);
  Widths widths;

  *minimum = *natural = 0;
  *minimum_baseline = *natural_baseline = -1;
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      ask (self, &widths);
      *minimum = widths.least[TITLE] + with_gap (widths.least[TIME]);
      *natural =
          widths.wanted[TITLE] + with_gap (widths.wanted[TIME]) + with_gap (widths.wanted[FIGURES]);
      return;
    }
  for (Part part = 0; part < N_PARTS; part++)
    {
      int least, wanted;

      if (self->parts[part] == NULL)
        continue;
      gtk_widget_measure (self->parts[part], orientation, -1, &least, &wanted, NULL, NULL);
      *minimum = MAX (*minimum, least);
      *natural = MAX (*natural, wanted);
    }
}

static void
weftline_text_line_size_allocate (GtkWidget *widget, int width, int height,
                                  int baseline G_GNUC_UNUSED)
{
  WeftlineTextLine *self = WEFTLINE_TEXT_LINE (widget);
  bool rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  int shares[N_PARTS], x[N_PARTS] = { 0 };
  Widths widths;

  ask (self, &widths);
  divide (&widths, width, shares);
  x[TIME] = shares[TITLE] + GAP;
  x[FIGURES] = width - shares[FIGURES];
  for (Part part = 0; part < N_PARTS; part++)
    {
      if (self->parts[part] == NULL)
        continue;
      /* it has its place, and is told to those who do not see, but is not drawn */
      if (self->drawn[part] != (shares[part] > 0))
        gtk_widget_queue_draw (widget); /* a part that was never drawn does not ask for it */
      self->drawn[part] = shares[part] > 0;
      gtk_widget_set_can_target (self->parts[part], self->drawn[part]);
      shares[part] = MAX (shares[part], widths.least[part]);
      if (gtk_widget_get_visible (self->parts[part]))
        gtk_widget_size_allocate (
            self->parts[part],
            &(GtkAllocation){ (int) weftline_turn (rtl, width, x[part], shares[part]), 0,
                              shares[part], height },
            -1);
    }
}

static void
weftline_text_line_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  WeftlineTextLine *self = WEFTLINE_TEXT_LINE (widget);

  for (Part part = 0; part < N_PARTS; part++)
    if (self->drawn[part])
      gtk_widget_snapshot_child (widget, self->parts[part], snapshot);
}

static void
weftline_text_line_dispose (GObject *object)
{
  WeftlineTextLine *self = WEFTLINE_TEXT_LINE (object);

  for (Part part = 0; part < N_PARTS; part++)
    g_clear_pointer (&self->parts[part], gtk_widget_unparent);
  G_OBJECT_CLASS (weftline_text_line_parent_class)->dispose (object);
}

static void
weftline_text_line_class_init (WeftlineTextLineClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = weftline_text_line_dispose;
  widget_class->measure = weftline_text_line_measure;
  widget_class->size_allocate = weftline_text_line_size_allocate;
  widget_class->snapshot = weftline_text_line_snapshot;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
weftline_text_line_init (WeftlineTextLine *self)
{
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
}

GtkWidget *
weftline_text_line_new (GtkWidget *title, GtkWidget *time, GtkWidget *figures)
{
  WeftlineTextLine *self = g_object_new (WEFTLINE_TYPE_TEXT_LINE, NULL);
  GtkWidget *const parts[N_PARTS] = { title, time, figures };

  for (Part part = 0; part < N_PARTS; part++)
    {
      self->parts[part] = parts[part];
      if (parts[part] != NULL)
        gtk_widget_set_parent (parts[part], GTK_WIDGET (self));
    }
  return GTK_WIDGET (self);
}
