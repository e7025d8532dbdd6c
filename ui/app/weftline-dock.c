/* weftline-dock.c: cards in a layout that the user can change
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The dock allocates its cards itself, from the shares in the layout, so what the user set holds at
 * any size and no card is ever moved to another parent. Gaps are widgets, one a split, made with
 * the layout; which of them are used is found out at each allocation.
 */
#include "config.h"

#include "app/weftline-dock.h"
#include "app/weftline-handle.h"
#include "app/weftline-layout.h"

#include <glib/gi18n.h>

#define MIN_CARD_PX 120 /* a card's height */

struct _WeftlineDock
{
  GtkWidget parent_instance;

  GHashTable *cards;   /* name → card, a child */
  GHashTable *hidden;  /* names */
  GHashTable *handles; /* split of the layout → handle, a child */
  GHashTable *wholes;  /* split → WeftlineRect, where it lay last */
  WeftlineLayout *layout;
  char *maximised;
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (WeftlineDock, weftline_dock, GTK_TYPE_WIDGET)

/* ---- which are shown ------------------------------------------------------------------------- */

static gboolean
is_shown (const char *pane, void *data)
{
  WeftlineDock *self = data;

  if (g_hash_table_lookup (self->cards, pane) == NULL)
    return FALSE;
  if (self->maximised != NULL)
    return g_str_equal (pane, self->maximised);
  return !g_hash_table_contains (self->hidden, pane);
}

typedef struct
{
  WeftlineDock *dock;
  GPtrArray *names;
} Panes;

static void
add_pane (const char *pane, void *data)
{
  Panes *panes = data;

  if (g_hash_table_lookup (panes->dock->cards, pane) != NULL)
    g_ptr_array_add (panes->names, g_strdup (pane));
}

static gboolean
is_in_layout (WeftlineDock *self, const char *name)
{
  g_auto (GStrv) panes = weftline_dock_dup_panes (self);

  return g_strv_contains ((const char *const *) panes, name);
}

/* Assistive technology is not told by itself. */
static void
show_child (GtkWidget *child, gboolean is_visible)
{
  gtk_widget_set_child_visible (child, is_visible);
  gtk_accessible_update_state (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_STATE_HIDDEN, !is_visible,
                               -1);
}

static void
update_children (WeftlineDock *self)
{
  GHashTableIter iter;
  void *name, *card;

  if (self->maximised != NULL && !is_in_layout (self, self->maximised))
    g_clear_pointer (&self->maximised, g_free);
  g_hash_table_iter_init (&iter, self->cards);
  while (g_hash_table_iter_next (&iter, &name, &card))
    {
      show_child (card, is_in_layout (self, name) && is_shown (name, self));
      weftline_card_set_maximised (card, g_strcmp0 (name, self->maximised) == 0);
    }
  gtk_widget_queue_resize (GTK_WIDGET (self));
  g_signal_emit (self, changed_signal, 0);
}

/* ---- places ---------------------------------------------------------------------------------- */

static void
place_card (const char *pane, const WeftlineRect *rect, void *data)
{
  WeftlineDock *self = data;
  GtkWidget *card = g_hash_table_lookup (self->cards, pane);
  int min_width, min_height;

  gtk_widget_measure (card, GTK_ORIENTATION_HORIZONTAL, -1, &min_width, NULL, NULL, NULL);
  gtk_widget_measure (card, GTK_ORIENTATION_VERTICAL, MAX (rect->width, min_width), &min_height,
                      NULL, NULL, NULL);
  gtk_widget_size_allocate (card,
                            &(GtkAllocation){ rect->x, rect->y, MAX (rect->width, min_width),
                                              MAX (rect->height, min_height) },
                            -1);
}

static void
place_gap (WeftlineLayout *split, const WeftlineRect *rect, const WeftlineRect *whole, void *data)
{
  WeftlineDock *self = data;
  WeftlineHandle *handle = g_hash_table_lookup (self->handles, split);

  g_hash_table_insert (self->wholes, split, g_memdup2 (whole, sizeof *whole));
  show_child (GTK_WIDGET (handle), TRUE);
  gtk_widget_measure (GTK_WIDGET (handle), GTK_ORIENTATION_HORIZONTAL, -1, NULL, NULL, NULL, NULL);
  gtk_widget_size_allocate (GTK_WIDGET (handle),
                            &(GtkAllocation){ rect->x, rect->y, rect->width, rect->height }, -1);
}

static int
least_size (const char *pane, gboolean beside, int width, void *data)
{
  WeftlineDock *self = data;
  GtkWidget *card = g_hash_table_lookup (self->cards, pane);
  int min_width, min_height;

  gtk_widget_measure (card, GTK_ORIENTATION_HORIZONTAL, -1, &min_width, NULL, NULL, NULL);
  if (beside)
    return min_width;
  gtk_widget_measure (card, GTK_ORIENTATION_VERTICAL, MAX (width, min_width), &min_height, NULL,
                      NULL, NULL);
  return MAX (min_height, MIN_CARD_PX);
}

/* Where there is no room to put them beside each other, be it because letters are large. */
static gboolean
is_narrow (WeftlineDock *self, int width)
{
  return self->maximised == NULL
         && (width < WEFTLINE_DOCK_NARROW_PX
             || width < weftline_layout_least (self->layout, TRUE, -1, is_shown, least_size, self));
}

static int
stacked_height (GtkWidget *card, int width)
{
  int minimum, natural;

  gtk_widget_measure (card, GTK_ORIENTATION_VERTICAL, width, &minimum, &natural, NULL, NULL);
  return MAX (natural, MIN_CARD_PX);
}

/* Returns: the height they take */
static int
stack_cards (WeftlineDock *self, int width, gboolean allocate)
{
  g_auto (GStrv) panes = weftline_layout_stack (self->layout, is_shown, self);
  int y = 0;

  for (char **pane = panes; *pane != NULL; pane++)
    {
      GtkWidget *card = g_hash_table_lookup (self->cards, *pane);
      int height = stacked_height (card, width);

      if (y > 0)
        y += WEFTLINE_LAYOUT_GAP;
      if (allocate)
        gtk_widget_size_allocate (card, &(GtkAllocation){ 0, y, width, height }, -1);
      y += height;
    }
  return y;
}

static void
weftline_dock_size_allocate (GtkWidget *widget, int width, int height, int baseline G_GNUC_UNUSED)
{
  WeftlineDock *self = WEFTLINE_DOCK (widget);
  WeftlineRect rect = { 0, 0, width, height };
  GHashTableIter iter;
  void *split, *handle;

  g_hash_table_remove_all (self->wholes);
  if (self->layout == NULL)
    return;
  if (is_narrow (self, width))
    stack_cards (self, width, TRUE);
  else
    weftline_layout_place (self->layout, &rect,
                           gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL, is_shown,
                           least_size, place_card, place_gap, self);
  /* those that stay are not hidden meanwhile: one of them may have the focus */
  g_hash_table_iter_init (&iter, self->handles);
  while (g_hash_table_iter_next (&iter, &split, &handle))
    if (!g_hash_table_contains (self->wholes, split))
      show_child (handle, FALSE);
}

static int
widest_card (WeftlineDock *self)
{
  GHashTableIter iter;
  void *card;
  int widest = 0, minimum;

  g_hash_table_iter_init (&iter, self->cards);
  while (g_hash_table_iter_next (&iter, NULL, &card))
    {
      gtk_widget_measure (card, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
      widest = MAX (widest, minimum);
    }
  return widest;
}

static void
weftline_dock_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                       int *natural, int *minimum_baseline G_GNUC_UNUSED,
                       int *natural_baseline G_GNUC_UNUSED)
{
  WeftlineDock *self = WEFTLINE_DOCK (widget);

  *minimum = *natural = 0;
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = widest_card (self);
      *natural = MAX (*minimum, WEFTLINE_DOCK_NARROW_PX);
    }
  else if (for_size >= 0 && self->layout != NULL)
    *minimum = *natural =
        is_narrow (self, for_size)
            ? stack_cards (self, for_size, FALSE)
            : weftline_layout_least (self->layout, FALSE, for_size, is_shown, least_size, self);
}

static GtkSizeRequestMode
weftline_dock_get_request_mode (GtkWidget *widget G_GNUC_UNUSED)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

/* ---- moving borders -------------------------------------------------------------------------- */

static WeftlineLayout *
split_of (WeftlineDock *self, WeftlineHandle *handle)
{
  GHashTableIter iter;
  void *split, *other;

  g_hash_table_iter_init (&iter, self->handles);
  while (g_hash_table_iter_next (&iter, &split, &other))
    if (other == handle)
      return split;
  return NULL;
}

static void
moved_cb (WeftlineHandle *handle, double by, gboolean dragging G_GNUC_UNUSED, WeftlineDock *self)
{
  WeftlineLayout *split = split_of (self, handle);
  const WeftlineRect *whole = split != NULL ? g_hash_table_lookup (self->wholes, split) : NULL;
  double room;

  if (whole == NULL)
    return;
  room = (split->beside ? whole->width : whole->height) - WEFTLINE_LAYOUT_GAP;
  if (room < 1)
    return;
  if (split->beside && gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL)
    by = -by;
  split->share = CLAMP (split->share + by / room * 100, WEFTLINE_LAYOUT_MIN_SHARE,
                        100 - WEFTLINE_LAYOUT_MIN_SHARE);
  weftline_handle_set_share (handle, split->share);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
  g_signal_emit (self, changed_signal, 0);
}

static void
drop_handles (WeftlineDock *self)
{
  GHashTableIter iter;
  void *handle;

  g_hash_table_iter_init (&iter, self->handles);
  while (g_hash_table_iter_next (&iter, NULL, &handle))
    gtk_widget_unparent (handle);
  g_hash_table_remove_all (self->handles);
  g_hash_table_remove_all (self->wholes);
}

static void
make_handles (WeftlineDock *self, WeftlineLayout *layout)
{
  GtkWidget *handle;

  if (layout->pane != NULL)
    return;
  handle = weftline_handle_new (layout->beside);
  weftline_handle_set_share (WEFTLINE_HANDLE (handle), layout->share);
  g_signal_connect (handle, "moved", G_CALLBACK (moved_cb), self);
  gtk_widget_set_parent (handle, GTK_WIDGET (self));
  show_child (GTK_WIDGET (handle), FALSE);
  g_hash_table_insert (self->handles, layout, handle);
  make_handles (self, layout->first);
  make_handles (self, layout->second);
}

/* ---- actions of the cards' buttons ----------------------------------------------------------- */

static void
maximise_action (GtkWidget *widget, const char *action G_GNUC_UNUSED, GVariant *target)
{
  WeftlineDock *self = WEFTLINE_DOCK (widget);
  const char *name = g_variant_get_string (target, NULL);

  weftline_dock_maximise (self, g_strcmp0 (name, self->maximised) == 0 ? NULL : name);
}

static void
hide_action (GtkWidget *widget, const char *action G_GNUC_UNUSED, GVariant *target)
{
  weftline_dock_set_hidden (WEFTLINE_DOCK (widget), g_variant_get_string (target, NULL), TRUE);
}

/* ---- the widget ------------------------------------------------------------------------------ */

static void
weftline_dock_dispose (GObject *object)
{
  WeftlineDock *self = WEFTLINE_DOCK (object);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_pointer (&self->cards, g_hash_table_unref);
  g_clear_pointer (&self->hidden, g_hash_table_unref);
  g_clear_pointer (&self->handles, g_hash_table_unref);
  g_clear_pointer (&self->wholes, g_hash_table_unref);
  g_clear_pointer (&self->layout, weftline_layout_free);
  g_clear_pointer (&self->maximised, g_free);
  G_OBJECT_CLASS (weftline_dock_parent_class)->dispose (object);
}

static void
weftline_dock_class_init (WeftlineDockClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = weftline_dock_dispose;
  widget_class->measure = weftline_dock_measure;
  widget_class->size_allocate = weftline_dock_size_allocate;
  widget_class->get_request_mode = weftline_dock_get_request_mode;
  gtk_widget_class_set_css_name (widget_class, "weftdock");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_install_action (widget_class, "dock.maximise", "s", maximise_action);
  gtk_widget_class_install_action (widget_class, "dock.hide", "s", hide_action);
  /**
   * WeftlineDock::changed:
   *
   * The layout, or what of it is shown, is another.
   */
  changed_signal = g_signal_new ("changed", WEFTLINE_TYPE_DOCK, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
weftline_dock_init (WeftlineDock *self)
{
  self->cards = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->hidden = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->handles = g_hash_table_new (NULL, NULL);
  self->wholes = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Panes"),
                                  -1);
}

WeftlineDock *
weftline_dock_new (void)
{
  return g_object_new (WEFTLINE_TYPE_DOCK, NULL);
}

void
weftline_dock_add (WeftlineDock *self, WeftlineCard *card)
{
  gtk_widget_set_parent (GTK_WIDGET (card), GTK_WIDGET (self));
  g_hash_table_insert (self->cards, g_strdup (weftline_card_name (card)), card);
  if (self->layout != NULL)
    update_children (self);
  else
    show_child (GTK_WIDGET (card), FALSE);
}

WeftlineCard *
weftline_dock_card (WeftlineDock *self, const char *name)
{
  return g_hash_table_lookup (self->cards, name);
}

gboolean
weftline_dock_set_layout (WeftlineDock *self, const char *text)
{
  WeftlineLayout *layout = weftline_layout_parse (text);

  if (layout == NULL)
    return FALSE;
  drop_handles (self);
  weftline_layout_free (self->layout);
  self->layout = layout;
  make_handles (self, layout);
  update_children (self);
  return TRUE;
}

char *
weftline_dock_dup_layout (WeftlineDock *self)
{
  return self->layout != NULL ? weftline_layout_print (self->layout) : g_strdup ("");
}

char **
weftline_dock_dup_panes (WeftlineDock *self)
{
  Panes panes = { self, g_ptr_array_new () };

  if (self->layout != NULL)
    weftline_layout_foreach (self->layout, add_pane, &panes);
  g_ptr_array_add (panes.names, NULL);
  return (char **) g_ptr_array_free (panes.names, FALSE);
}

void
weftline_dock_set_hidden (WeftlineDock *self, const char *name, gboolean hidden)
{
  if (hidden == weftline_dock_is_hidden (self, name))
    return;
  if (hidden)
    g_hash_table_add (self->hidden, g_strdup (name));
  else
    g_hash_table_remove (self->hidden, name);
  if (hidden && g_strcmp0 (self->maximised, name) == 0)
    g_clear_pointer (&self->maximised, g_free);
  update_children (self);
}

gboolean
weftline_dock_is_hidden (WeftlineDock *self, const char *name)
{
  return g_hash_table_contains (self->hidden, name);
}

void
weftline_dock_maximise (WeftlineDock *self, const char *name)
{
  if (g_strcmp0 (name, self->maximised) == 0)
    return;
  g_free (self->maximised);
  self->maximised = g_strdup (name);
  update_children (self);
}

const char *
weftline_dock_maximised (WeftlineDock *self)
{
  return self->maximised;
}
