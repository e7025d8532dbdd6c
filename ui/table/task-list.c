/* task-list.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A view makes widgets for its first 200 rows, however few can be seen, and all at once where they
 * come at once: that takes as long as ten frames. So the first rows come a few at a time, as the
 * main loop has nothing else to do. Behind those the view takes no widgets for what it does not
 * show, and the rest comes at once. Where nobody looks behind the first they come alone.
 */
#include "config.h"

#include "table/task-list.h"

#define FIRST_ROWS 200 /* that a view makes widgets for */
#define STEP_ROWS 40

/* ---- places ---------------------------------------------------------------------------------- */

struct _WeftlineTaskPlace
{
  GObject parent_instance;

  guint place;
};

G_DEFINE_FINAL_TYPE (WeftlineTaskPlace, weftline_task_place, G_TYPE_OBJECT)

static void
weftline_task_place_class_init (WeftlineTaskPlaceClass *class G_GNUC_UNUSED)
{
}

static void
weftline_task_place_init (WeftlineTaskPlace *self G_GNUC_UNUSED)
{
}

guint
weftline_task_place_get (WeftlineTaskPlace *self)
{
  return self->place;
}

/* ---- the list -------------------------------------------------------------------------------- */

struct _WeftlineTaskList
{
  GObject parent_instance;

  WeftlineTaskRows rows;
  guint n_shown; /* so many of them were told of */
  guint growing; /* source, or 0: there are more */
  bool few;      /* the first of them will do */
  uint32_t selected;
};

enum
{
  REORDERED,
  CHOSEN,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void list_iface_init (GListModelInterface *iface);
static void selection_iface_init (GtkSelectionModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (WeftlineTaskList, weftline_task_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_iface_init)
                                   G_IMPLEMENT_INTERFACE (GTK_TYPE_SELECTION_MODEL,
                                                          selection_iface_init))

static GType
get_item_type (GListModel *list G_GNUC_UNUSED)
{
  return WEFTLINE_TYPE_TASK_PLACE;
}

static guint
get_n_items (GListModel *list)
{
  return WEFTLINE_TASK_LIST (list)->n_shown;
}

static void *
get_item (GListModel *list, guint place)
{
  WeftlineTaskPlace *item;

  if (place >= WEFTLINE_TASK_LIST (list)->n_shown)
    return NULL;
  item = g_object_new (WEFTLINE_TYPE_TASK_PLACE, NULL);
  item->place = place;
  return item;
}

static void
list_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

uint32_t
weftline_task_list_task (WeftlineTaskList *self, guint place)
{
  return place < self->rows.n ? weftline_task_rows_get (&self->rows, place) : WEFT_NONE;
}

guint
weftline_task_list_find (WeftlineTaskList *self, uint32_t task)
{
  return task != WEFT_NONE ? weftline_task_rows_find (&self->rows, task) : WEFT_NONE;
}

static gboolean
grow_cb (void *data)
{
  WeftlineTaskList *self = data;
  guint before = self->n_shown, step = before < FIRST_ROWS ? STEP_ROWS : G_MAXUINT;

  self->n_shown += MIN (self->rows.n - before, step);
  if (self->n_shown == self->rows.n)
    self->growing = 0;
  g_list_model_items_changed (G_LIST_MODEL (self), before, 0, self->n_shown - before);
  return self->growing != 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* Tells of those that are there, or of the first of them. */
static void
show_more (WeftlineTaskList *self)
{
  guint before = self->n_shown, n = self->rows.n;

  if (!self->few && self->growing == 0 && before < FIRST_ROWS && n - before > STEP_ROWS)
    self->growing = g_idle_add (grow_cb, self);
  if (self->few || self->growing != 0)
    n = MAX (before, MIN (n, STEP_ROWS));
  self->n_shown = n;
  if (n > before)
    g_list_model_items_changed (G_LIST_MODEL (self), before, 0, n - before);
}

/* Not at once: a view may be giving places. */
void
weftline_task_list_set_few (WeftlineTaskList *self, bool few)
{
  if (self->few == few)
    return;
  self->few = few;
  if (few)
    g_clear_handle_id (&self->growing, g_source_remove);
  else if (self->n_shown < self->rows.n)
    self->growing = g_idle_add (grow_cb, self);
}

guint
weftline_task_list_n_rows (WeftlineTaskList *self)
{
  return self->rows.n;
}

/* Items behind the end go before anything looks at them, those that are new come after. */
void
weftline_task_list_take_rows (WeftlineTaskList *self, WeftlineTaskRows *rows)
{
  guint before = self->n_shown, now = rows->n;
  gboolean plain = self->rows.tasks == NULL && rows->tasks == NULL;

  weftline_task_rows_clear (&self->rows);
  self->rows = *rows;
  *rows = (WeftlineTaskRows){ 0 };
  self->n_shown = MIN (before, now);
  if (now <= before)
    g_clear_handle_id (&self->growing, g_source_remove);
  if (now < before)
    g_list_model_items_changed (G_LIST_MODEL (self), now, before - now, 0);
  else if (now > before)
    show_more (self);
  if (plain)
    return;
  if (MIN (before, now) > 0)
    gtk_selection_model_selection_changed (GTK_SELECTION_MODEL (self), 0, MIN (before, now));
  g_signal_emit (self, signals[REORDERED], 0);
}

/* ---- selection ------------------------------------------------------------------------------- */

static gboolean
is_selected (GtkSelectionModel *model, guint place)
{
  WeftlineTaskList *self = WEFTLINE_TASK_LIST (model);

  return self->selected != WEFT_NONE && weftline_task_list_task (self, place) == self->selected;
}

static GtkBitset *
get_selection_in_range (GtkSelectionModel *model, guint first G_GNUC_UNUSED, guint n G_GNUC_UNUSED)
{
  WeftlineTaskList *self = WEFTLINE_TASK_LIST (model);
  guint place = weftline_task_list_find (self, self->selected);
  GtkBitset *set = gtk_bitset_new_empty ();

  if (place < self->n_shown)
    gtk_bitset_add (set, place);
  return set;
}

void
weftline_task_list_select (WeftlineTaskList *self, uint32_t task)
{
  guint before, now;

  if (self->selected == task)
    return;
  before = weftline_task_list_find (self, self->selected);
  now = weftline_task_list_find (self, task);
  self->selected = task;
  if (before < self->n_shown)
    gtk_selection_model_selection_changed (GTK_SELECTION_MODEL (self), before, 1);
  if (now < self->n_shown)
    gtk_selection_model_selection_changed (GTK_SELECTION_MODEL (self), now, 1);
}

uint32_t
weftline_task_list_selected (WeftlineTaskList *self)
{
  return self->selected;
}

static void
choose (WeftlineTaskList *self, uint32_t task)
{
  if (self->selected == task)
    return;
  weftline_task_list_select (self, task);
  g_signal_emit (self, signals[CHOSEN], 0);
}

static gboolean
select_item (GtkSelectionModel *model, guint place, gboolean unselect_rest G_GNUC_UNUSED)
{
  WeftlineTaskList *self = WEFTLINE_TASK_LIST (model);

  if (place >= self->n_shown)
    return FALSE;
  choose (self, weftline_task_list_task (self, place));
  return TRUE;
}

static gboolean
unselect_item (GtkSelectionModel *model, guint place)
{
  if (is_selected (model, place))
    choose (WEFTLINE_TASK_LIST (model), WEFT_NONE);
  return TRUE;
}

static gboolean
unselect_all (GtkSelectionModel *model)
{
  choose (WEFTLINE_TASK_LIST (model), WEFT_NONE);
  return TRUE;
}

static void
selection_iface_init (GtkSelectionModelInterface *iface)
{
  iface->is_selected = is_selected;
  iface->get_selection_in_range = get_selection_in_range;
  iface->select_item = select_item;
  iface->unselect_item = unselect_item;
  iface->unselect_all = unselect_all;
}

/* ---- the object ------------------------------------------------------------------------------ */

static void
weftline_task_list_finalize (GObject *object)
{
  WeftlineTaskList *self = WEFTLINE_TASK_LIST (object);

  g_clear_handle_id (&self->growing, g_source_remove);
  weftline_task_rows_clear (&self->rows);
  G_OBJECT_CLASS (weftline_task_list_parent_class)->finalize (object);
}

static void
weftline_task_list_class_init (WeftlineTaskListClass *class)
{
  static const char *const names[N_SIGNALS] = { "reordered", "chosen" };

  G_OBJECT_CLASS (class)->finalize = weftline_task_list_finalize;
  for (unsigned i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i], WEFTLINE_TYPE_TASK_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 0);
}

static void
weftline_task_list_init (WeftlineTaskList *self)
{
  self->selected = WEFT_NONE;
}

WeftlineTaskList *
weftline_task_list_new (void)
{
  return g_object_new (WEFTLINE_TYPE_TASK_LIST, NULL);
}
