/* weftline-card-line.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "app/weftline-card-line.h"

#include "canvas/reading.h"

#define GAP 6

typedef enum
{
  TITLE,
  TIME,
  FIGURES,
  N_PARTS
} Part;

struct _WeftlineCardLine
{
  GtkWidget parent_instance;
  GtkWidget *parts[N_PARTS];
};

G_DEFINE_FINAL_TYPE (WeftlineCardLine, weftline_card_line, GTK_TYPE_WIDGET)

typedef struct
{
  int least[N_PARTS], wanted[N_PARTS]; /* 0: not there */
} Widths;

static void
ask (WeftlineCardLine *self, Widths *widths)
{
  for (Part part = 0; part < N_PARTS; part++)
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
weftline_card_line_measure (GtkWidget *widget, GtkOrientation orientation,
                            int for_size G_GNUC_UNUSED, int *minimum, int *natural,
                            int *minimum_baseline, int *natural_baseline)
{
  WeftlineCardLine *self = WEFTLINE_CARD_LINE (widget);
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

      gtk_widget_measure (self->parts[part], orientation, -1, &least, &wanted, NULL, NULL);
      *minimum = MAX (*minimum, least);
      *natural = MAX (*natural, wanted);
    }
}

static void
weftline_card_line_size_allocate (GtkWidget *widget, int width, int height,
                                  int baseline G_GNUC_UNUSED)
{
  WeftlineCardLine *self = WEFTLINE_CARD_LINE (widget);
  bool rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  int shares[N_PARTS], x[N_PARTS] = { 0 };
  Widths widths;

  ask (self, &widths);
  divide (&widths, width, shares);
  x[TIME] = shares[TITLE] + GAP;
  x[FIGURES] = width - shares[FIGURES];
  for (Part part = 0; part < N_PARTS; part++)
    {
      gtk_widget_set_child_visible (self->parts[part], shares[part] > 0);
      if (shares[part] > 0)
        gtk_widget_size_allocate (
            self->parts[part],
            &(GtkAllocation){ (int) weftline_turn (rtl, width, x[part], shares[part]), 0,
                              shares[part], height },
            -1);
    }
}

static void
weftline_card_line_dispose (GObject *object)
{
  WeftlineCardLine *self = WEFTLINE_CARD_LINE (object);

  for (Part part = 0; part < N_PARTS; part++)
    g_clear_pointer (&self->parts[part], gtk_widget_unparent);
  G_OBJECT_CLASS (weftline_card_line_parent_class)->dispose (object);
}

static void
weftline_card_line_class_init (WeftlineCardLineClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = weftline_card_line_dispose;
  widget_class->measure = weftline_card_line_measure;
  widget_class->size_allocate = weftline_card_line_size_allocate;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
weftline_card_line_init (WeftlineCardLine *self)
{
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
}

GtkWidget *
weftline_card_line_new (GtkWidget *title, GtkWidget *time, GtkWidget *figures)
{
  WeftlineCardLine *self = g_object_new (WEFTLINE_TYPE_CARD_LINE, NULL);
  GtkWidget *const parts[N_PARTS] = { title, time, figures };

  for (Part part = 0; part < N_PARTS; part++)
    {
      self->parts[part] = parts[part];
      gtk_widget_set_parent (parts[part], GTK_WIDGET (self));
    }
  return GTK_WIDGET (self);
}
