/* task-table.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * While a run goes on its values are shown anew a few times a second, in the rows that can be seen;
 * nothing is asked of a table that is not. In another order the row at the top stays there, unless
 * it is the first. Widgets for rows that cannot be seen are made where somebody comes to the table,
 * and when the run needs the time no more.
 */
#include "config.h"

#include "table/task-table.h"

#include "session/weftline-turn.h"
#include "table/task-cell.h"
#include "table/task-words.h"
#include "table/task-work.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#define STACKED_PX 300 /* high, where cards stand below each other */
#define MARGIN 2       /* rows beyond the edges that are kept current */
#define LARGE 20000    /* tasks; fewer are sorted before anybody could read that they are */
#define COLUMN_KEY "weftline-column"

struct _WeftlineTaskTable
{
  GtkWidget parent_instance;

  WeftlineSession *session;
  WeftlineTaskSource source;
  WeftlineTaskWork *work;
  WeftlineTaskList *list;
  WeftlineTaskColumn column; /* sorted by */
  gboolean descending;
  GtkColumnViewColumn *columns[WEFTLINE_TASK_N_COLUMNS];
  GtkWidget *box, *filter, *overlay, *scrolled, *view, *empty;
  GSimpleActionGroup *actions;
  GHashTable *cells; /* (nullable): those that show a row */
  WeftlineGroupColors *colors;
  GArray *slots; /* of unsigned: of groups */
  char *figures;
  WeftlineTaskColumn probed;
  bool is_new; /* no rows of what is asked for were shown yet */
  bool asked;  /* rows of that snapshot were asked for */
  uint64_t asked_serial;
  const WeftMoment *asked_moment; /* (nullable) */
  bool titled;
  bool looked_into; /* more rows than the first are wanted */
  bool choosing;    /* the selection is being changed by this view */
  guint scroll_source;
  WeftlineTurn turn, rows_turn; /* to look at what there is, and for rows that have come */
  gint64 updated_us;
  double across_right; /* how far it is scrolled to the left, from the first column */
  guint across_source;
  uint32_t wanted; /* task to be scrolled to; WEFT_NONE: none */
  guint n_before;  /* items of the list in the frame before */
};

enum
{
  PROP_FIGURES = 1,
};

G_DEFINE_FINAL_TYPE (WeftlineTaskTable, weftline_task_table, GTK_TYPE_WIDGET)

/* ---- cells ----------------------------------------------------------------------------------- */

static const WeftlinePalette *
palette_of (WeftlineTaskTable *self)
{
  return weftline_palette (weftline_session_look (self->session)->palette,
                           adw_style_manager_get_dark (adw_style_manager_get_default ()));
}

static uint32_t
color_of (WeftlineTaskTable *self, uint32_t task)
{
  const WeftlinePalette *palette = palette_of (self);
  uint32_t group = weft_model_task_group (self->source.model, task);
  WeftModelGroup info;

  if (group >= self->source.snapshot.n_groups)
    return palette->dim;
  for (uint32_t i = self->slots->len; i < self->source.snapshot.n_groups; i++)
    {
      unsigned slot;

      weft_model_group (self->source.model, i, &info);
      slot = weftline_group_colors_add (self->colors, info.name);
      g_array_append_val (self->slots, slot);
    }
  weft_model_group (self->source.model, group, &info);
  return weftline_palette_group (palette, info.name, g_array_index (self->slots, unsigned, group));
}

static bool
is_hovered (WeftlineTaskTable *self, uint32_t task)
{
  return weftline_session_hover_task (self->session) == task;
}

static void
fill_look (WeftlineTaskTable *self, WeftlineTaskCell *cell, uint32_t task,
           const WeftlineTaskSet *marked)
{
  bool veiled =
      marked != NULL && (task >= marked->n_tasks || !weftline_task_set_has (marked, task));

  weftline_task_cell_set_look (cell, veiled, is_hovered (self, task));
}

static void
fill (WeftlineTaskTable *self, WeftlineTaskCell *cell, const WeftlineTaskSet *marked)
{
  uint32_t task = weftline_task_list_task (self->list, weftline_task_cell_place (cell));
  WeftlineTaskColumn column = weftline_task_cell_column (cell);
  g_autofree char *text = NULL;

  if (self->source.model == NULL || task >= self->source.snapshot.n_tasks)
    return;
  if (column == WEFTLINE_TASK_WAIT)
    self->source.links = weftline_session_links (self->session);
  text = weftline_task_short_text (&self->source, task, column,
                                   weftline_session_look (self->session)->time_form);
  weftline_task_cell_set_text (cell, text);
  if (column == WEFTLINE_TASK_STATE)
    weftline_task_cell_set_state (cell, palette_of (self),
                                  weftline_task_state (&self->source, task), color_of (self, task));
  fill_look (self, cell, task, marked);
}

/* The height of a row, as all have the same; 0: not known yet. */
static double
row_height (WeftlineTaskTable *self, GtkAdjustment **adjustment)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->list));

  *adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scrolled));
  if (n == 0 || gtk_adjustment_get_page_size (*adjustment) <= 0
      || gtk_adjustment_get_upper (*adjustment) < n)
    return 0;
  return gtk_adjustment_get_upper (*adjustment) / n;
}

/* Rows that can be seen, and a few more. */
static void
seen_rows (WeftlineTaskTable *self, guint *first, guint *end)
{
  GtkAdjustment *adjustment;
  double height = row_height (self, &adjustment), value = gtk_adjustment_get_value (adjustment);

  *first = 0;
  *end = G_MAXUINT;
  if (height <= 0)
    return;
  *first = (guint) MAX (value / height - MARGIN, 0);
  *end = (guint) ((value + gtk_adjustment_get_page_size (adjustment)) / height) + 1 + MARGIN;
}

typedef void (*CellFunc) (WeftlineTaskTable *self, WeftlineTaskCell *cell,
                          const WeftlineTaskSet *marked);

static void
each_seen (WeftlineTaskTable *self, CellFunc func)
{
  const WeftlineTaskSet *marked = weftline_session_marked (self->session);
  GHashTableIter iter;
  guint first, end;
  void *cell;

  seen_rows (self, &first, &end);
  g_hash_table_iter_init (&iter, self->cells);
  while (g_hash_table_iter_next (&iter, &cell, NULL))
    {
      guint place = weftline_task_cell_place (cell);

      if (place >= first && place < end)
        func (self, cell, marked);
    }
}

static void
look_again (WeftlineTaskTable *self, WeftlineTaskCell *cell, const WeftlineTaskSet *marked)
{
  uint32_t task = weftline_task_list_task (self->list, weftline_task_cell_place (cell));

  if (task != WEFT_NONE)
    fill_look (self, cell, task, marked);
}

static void
refresh (WeftlineTaskTable *self)
{
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    each_seen (self, fill);
}

static void
setup_cb (WeftlineTaskTable *self G_GNUC_UNUSED, GtkListItem *item, GtkListItemFactory *factory)
{
  int column = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (factory), COLUMN_KEY));

  gtk_list_item_set_child (item, weftline_task_cell_new ((WeftlineTaskColumn) column));
}

static void
bind_cb (WeftlineTaskTable *self, GtkListItem *item)
{
  WeftlineTaskCell *cell = WEFTLINE_TASK_CELL (gtk_list_item_get_child (item));

  weftline_task_cell_set_place (cell, weftline_task_place_get (gtk_list_item_get_item (item)));
  g_hash_table_add (self->cells, cell);
  fill (self, cell, weftline_session_marked (self->session));
}

static void
unbind_cb (WeftlineTaskTable *self, GtkListItem *item)
{
  WeftlineTaskCell *cell = WEFTLINE_TASK_CELL (gtk_list_item_get_child (item));

  weftline_task_cell_set_place (cell, GTK_INVALID_LIST_POSITION);
  g_hash_table_remove (self->cells, cell);
}

/* ---- scrolling ------------------------------------------------------------------------------- */

/* Nobody sees what is behind the first rows before that is scrolled to. */
static void
set_few (WeftlineTaskTable *self)
{
  WeftRunPhase phase = weftline_session_snapshot (self->session)->phase;
  bool goes_on = phase < WEFT_RUN_DONE && phase != WEFT_RUN_PAUSED;

  weftline_task_list_set_few (self->list, goes_on && !self->looked_into);
}

static void
look_into (WeftlineTaskTable *self)
{
  if (self->looked_into)
    return;
  self->looked_into = true;
  set_few (self);
}

/* They may be too few for the room that there is. */
static void
room_cb (WeftlineTaskTable *self, GtkAdjustment *along)
{
  double page = gtk_adjustment_get_page_size (along);

  if (page > 0 && gtk_adjustment_get_upper (along) <= page
      && g_list_model_get_n_items (G_LIST_MODEL (self->list))
             < weftline_task_list_n_rows (self->list))
    look_into (self);
}

/* Returns: whether the list is laid out, so that it could be done */
static bool
scroll_to (WeftlineTaskTable *self, uint32_t task)
{
  guint place = weftline_task_list_find (self->list, task);
  GtkAdjustment *adjustment;
  double height = row_height (self, &adjustment), page, value;

  if (place == WEFT_NONE)
    return true;
  if (height <= 0 || place >= g_list_model_get_n_items (G_LIST_MODEL (self->list)))
    return false;
  page = gtk_adjustment_get_page_size (adjustment);
  value = gtk_adjustment_get_value (adjustment);
  if (place * height < value || (place + 1) * height > value + page)
    gtk_adjustment_set_value (adjustment, MAX ((place + 0.5) * height - page / 2, 0));
  return true;
}

/* Once what has changed is laid out: rows that are new have no height before, and all that stand
 * behind them would be looked for in a wrong place. */
static gboolean
scroll_cb (GtkWidget *widget, GdkFrameClock *clock G_GNUC_UNUSED, void *data G_GNUC_UNUSED)
{
  WeftlineTaskTable *self = WEFTLINE_TASK_TABLE (widget);
  guint n_before = self->n_before;

  self->n_before = g_list_model_get_n_items (G_LIST_MODEL (self->list));
  if (self->n_before != n_before)
    return G_SOURCE_CONTINUE;
  if (self->wanted != WEFT_NONE
      && (gtk_widget_get_width (self->view) == 0 || !scroll_to (self, self->wanted)))
    return G_SOURCE_CONTINUE;
  self->wanted = WEFT_NONE;
  self->scroll_source = 0;
  return G_SOURCE_REMOVE;
}

static void
want_in_sight (WeftlineTaskTable *self, uint32_t task)
{
  if (weftline_task_list_find (self->list, task) == WEFT_NONE)
    return;
  look_into (self);
  self->wanted = task;
  self->n_before = G_MAXUINT;
  if (self->scroll_source == 0 && gtk_widget_get_mapped (GTK_WIDGET (self)))
    self->scroll_source = gtk_widget_add_tick_callback (GTK_WIDGET (self), scroll_cb, NULL, NULL);
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void
set_figures (WeftlineTaskTable *self)
{
  uint32_t n = weftline_task_list_n_rows (self->list);
  uint32_t n_tasks = self->source.snapshot.n_tasks;
  g_autofree char *count = weftline_task_count_text (n, n_tasks);
  char *figures;

  if (n_tasks < LARGE || !weftline_task_work_is_busy (self->work)
      || !weftline_task_work_is_new (self->work))
    figures = g_steal_pointer (&count);
  else if (self->column < WEFTLINE_TASK_N_COLUMNS)
    /* Translators: so many of so many tasks, which are being sorted */
    figures = g_strdup_printf (_ ("%s, sorting…"), count);
  else
    /* Translators: so many of so many tasks, which are being looked for */
    figures = g_strdup_printf (_ ("%s, searching…"), count);
  gtk_label_set_text (GTK_LABEL (self->empty),
                      n_tasks == 0 ? _ ("No tasks yet") : _ ("No task is like that"));
  gtk_widget_set_visible (self->empty, n == 0);
  if (g_strcmp0 (figures, self->figures) == 0)
    {
      g_free (figures);
      return;
    }
  g_free (self->figures);
  self->figures = figures;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  figures, -1);
  g_object_notify (G_OBJECT (self), "figures");
}

/* Takes other rows, with the one at the top where it is. */
static void
take_rows (WeftlineTaskTable *self, WeftlineTaskRows *rows, bool keep)
{
  GtkAdjustment *adjustment;
  double height = row_height (self, &adjustment), value = gtk_adjustment_get_value (adjustment);
  guint top = height > 0 ? (guint) (value / height) : 0, now;
  uint32_t task = weftline_task_list_task (self->list, top);

  weftline_task_list_take_rows (self->list, rows);
  if (!keep)
    {
      gtk_adjustment_set_value (adjustment, 0);
      want_in_sight (self, weftline_task_list_selected (self->list));
    }
  else if (value > 0 && height > 0)
    {
      now = weftline_task_list_find (self->list, task);
      if (now != WEFT_NONE && now != top)
        gtk_adjustment_set_value (adjustment, value + ((double) now - top) * height);
    }
}

static void
rows_cb (void *data)
{
  WeftlineTaskTable *self = data;
  WeftlineTaskRows rows;

  if (weftline_task_work_take (self->work, &rows))
    take_rows (self, &rows, !self->is_new);
  self->is_new = false;
  set_figures (self);
}

/* What was asked for is shown at once, and what has become of it meanwhile as it suits all. */
static void
work_cb (WeftlineTaskTable *self)
{
  if (self->is_new)
    rows_cb (self);
  else
    weftline_turn_want (&self->rows_turn, 0);
}

/* All there is was read: rows need not wait for more. */
static bool
is_final (WeftlineTaskTable *self)
{
  WeftlineFeed *feed = weftline_run_feed (weftline_session_run (self->session));

  return feed != NULL && weftline_feed_state (feed) >= WEFT_FEED_ENDED;
}

void
weftline_task_table_get_query (WeftlineTaskTable *self, WeftlineTaskQuery *query)
{
  *query = (WeftlineTaskQuery){ .column = self->column, .descending = self->descending };
  weftline_task_filter_get (WEFTLINE_TASK_FILTER (self->filter), query);
  if (weftline_task_filter_marked_only (WEFTLINE_TASK_FILTER (self->filter)))
    query->only = weftline_session_marked (self->session);
}

/* Whether rows of just that were asked for. A moment of the past does not change. */
static bool
has_asked (WeftlineTaskTable *self)
{
  return self->asked && self->asked_moment == self->source.moment
         && (self->source.moment != NULL || self->asked_serial == self->source.snapshot.serial);
}

static void
set_asked (WeftlineTaskTable *self)
{
  const WeftMoment *before = self->asked_moment;

  self->asked = self->source.model != NULL;
  self->asked_serial = self->source.snapshot.serial;
  self->asked_moment = self->source.moment != NULL ? weft_moment_ref (self->source.moment) : NULL;
  weft_moment_unref (before);
}

/* Asks for what there is more of. Whoever looks back does not wait for the next look. */
static void
want_rows (WeftlineTaskTable *self)
{
  WeftlineTaskQuery query;

  weftline_task_table_get_query (self, &query);
  if (!weftline_task_query_is_plain (&query))
    {
      if (self->source.model != NULL && !has_asked (self))
        weftline_task_work_want (
            self->work, self->source.model, &self->source.snapshot, self->source.moment,
            self->source.moment != NULL || self->asked_moment != NULL || is_final (self));
      set_asked (self);
    }
  else if (weftline_task_list_n_rows (self->list) != self->source.snapshot.n_tasks)
    take_rows (self, &(WeftlineTaskRows){ .n = self->source.snapshot.n_tasks }, true);
  set_figures (self);
}

/* Something else is asked for. */
static void
query_changed (WeftlineTaskTable *self)
{
  WeftlineTaskQuery query;

  weftline_task_table_get_query (self, &query);
  weftline_turn_forget (&self->rows_turn);
  weftline_task_work_stop (self->work);
  weftline_task_work_set_query (self->work, &query);
  self->is_new = true;
  self->asked = false;
  if (weftline_task_query_is_plain (&query))
    take_rows (self, &(WeftlineTaskRows){ .n = self->source.snapshot.n_tasks }, false);
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    want_rows (self);
}

/* ---- order ----------------------------------------------------------------------------------- */

/* A column's sorter compares nothing: it only says that it was asked, and so that it is the first.
 * What the view's own makes of its answer tells the direction. */
static int
probe_cb (const void *a G_GNUC_UNUSED, const void *b G_GNUC_UNUSED, void *data)
{
  WeftlineTaskTable *self = g_object_get_data (data, "weftline-table");

  self->probed = (WeftlineTaskColumn) GPOINTER_TO_INT (g_object_get_data (data, COLUMN_KEY));
  return -1;
}

static void
sorter_cb (WeftlineTaskTable *self)
{
  GtkSorter *sorter = gtk_column_view_get_sorter (GTK_COLUMN_VIEW (self->view));
  GtkOrdering ordering;

  self->probed = WEFTLINE_TASK_N_COLUMNS;
  ordering = gtk_sorter_compare (sorter, self->list, self->filter);
  if (self->probed == self->column && (ordering == GTK_ORDERING_LARGER) == self->descending)
    return;
  self->column = self->probed;
  self->descending = ordering == GTK_ORDERING_LARGER;
  g_simple_action_set_state (
      G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self->actions), "sort")),
      g_variant_new_string (
          self->column < WEFTLINE_TASK_N_COLUMNS ? weftline_task_column_name (self->column) : ""));
  g_simple_action_set_state (
      G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self->actions), "descending")),
      g_variant_new_boolean (self->descending));
  g_simple_action_set_enabled (
      G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self->actions), "descending")),
      self->column < WEFTLINE_TASK_N_COLUMNS);
  query_changed (self);
}

void
weftline_task_table_sort (WeftlineTaskTable *self, WeftlineTaskColumn column, gboolean descending)
{
  gtk_column_view_sort_by_column (GTK_COLUMN_VIEW (self->view),
                                  column < WEFTLINE_TASK_N_COLUMNS ? self->columns[column] : NULL,
                                  descending ? GTK_SORT_DESCENDING : GTK_SORT_ASCENDING);
}

void
weftline_task_table_get_sort (WeftlineTaskTable *self, WeftlineTaskColumn *column,
                              gboolean *descending)
{
  *column = self->column;
  *descending = self->descending;
}

static void
sort_action_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *value, WeftlineTaskTable *self)
{
  WeftlineTaskColumn column = WEFTLINE_TASK_N_COLUMNS;

  weftline_task_column_find (g_variant_get_string (value, NULL), &column);
  weftline_task_table_sort (self, column, self->descending);
}

static void
descending_action_cb (GSimpleAction *action G_GNUC_UNUSED, GVariant *value, WeftlineTaskTable *self)
{
  weftline_task_table_sort (self, self->column, g_variant_get_boolean (value));
}

static void
add_actions (WeftlineTaskTable *self)
{
  g_autoptr (GSimpleAction) sort =
      g_simple_action_new_stateful ("sort", G_VARIANT_TYPE_STRING, g_variant_new_string (""));
  g_autoptr (GSimpleAction) descending =
      g_simple_action_new_stateful ("descending", NULL, g_variant_new_boolean (FALSE));

  self->actions = g_simple_action_group_new ();
  g_simple_action_set_enabled (descending, FALSE); /* as in the graph is one way only */
  g_signal_connect_object (sort, "change-state", G_CALLBACK (sort_action_cb), self, 0);
  g_signal_connect_object (descending, "change-state", G_CALLBACK (descending_action_cb), self, 0);
  g_action_map_add_action (G_ACTION_MAP (self->actions), G_ACTION (sort));
  g_action_map_add_action (G_ACTION_MAP (self->actions), G_ACTION (descending));
  gtk_widget_insert_action_group (GTK_WIDGET (self), "table", G_ACTION_GROUP (self->actions));
}

/* ---- the session ----------------------------------------------------------------------------- */

/* What there is now. */
static void
update (WeftlineTaskTable *self)
{
  WeftModel *model = weftline_session_model (self->session);
  const WeftModelSnapshot *snapshot = weftline_session_snapshot (self->session);

  if (model == NULL || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  weftline_task_source_take (&self->source, model, snapshot,
                             weftline_session_moment (self->session), NULL);
  weftline_task_filter_set_counts (WEFTLINE_TASK_FILTER (self->filter),
                                   weftline_task_source_counts (&self->source));
  set_few (self);
  want_rows (self);
  refresh (self);
  self->updated_us = g_get_monotonic_time ();
}

static void
snapshot_cb (WeftlineTaskTable *self)
{
  if (weftline_session_only_time_passed (self->session))
    return;
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    weftline_turn_want (&self->turn, self->updated_us + WEFTLINE_TURN_REFRESH_US);
}

static void
moved_cb (WeftlineTaskTable *self)
{
  look_into (self);
  snapshot_cb (self);
}

static void
selection_cb (WeftlineTaskTable *self)
{
  uint32_t task = weftline_session_selection (self->session)->task;

  if (task != weftline_task_list_selected (self->list))
    {
      weftline_task_list_select (self->list, task);
      want_in_sight (self, task);
    }
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  each_seen (self, look_again);
  if (!self->choosing && weftline_task_filter_marked_only (WEFTLINE_TASK_FILTER (self->filter)))
    query_changed (self);
}

static void
reveal_cb (WeftlineTaskTable *self)
{
  want_in_sight (self, weftline_session_selection (self->session)->task);
}

static void
hover_cb (WeftlineTaskTable *self)
{
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    each_seen (self, look_again);
}

static void
chosen_cb (WeftlineTaskTable *self)
{
  self->choosing = true;
  weftline_session_select_task (self->session, weftline_task_list_selected (self->list));
  self->choosing = false;
}

static void
activate_cb (WeftlineTaskTable *self, guint place)
{
  weftline_session_reveal_task (self->session, weftline_task_list_task (self->list, place));
}

/* ---- the pointer ----------------------------------------------------------------------------- */

/* (nullable): a cell of the row that the widget is, or is in */
static WeftlineTaskCell *
cell_at (WeftlineTaskTable *self, GtkWidget *widget)
{
  for (; widget != NULL && widget != self->view; widget = gtk_widget_get_parent (widget))
    {
      GtkWidget *inner = widget;

      for (int depth = 0; depth < 3 && inner != NULL; depth++)
        {
          if (WEFTLINE_IS_TASK_CELL (inner))
            return WEFTLINE_TASK_CELL (inner);
          inner = gtk_widget_get_first_child (inner);
        }
    }
  return NULL;
}

static void
motion_cb (WeftlineTaskTable *self, double x, double y)
{
  GtkWidget *widget = gtk_widget_pick (self->view, x, y, GTK_PICK_DEFAULT);
  WeftlineTaskCell *cell = widget != NULL ? cell_at (self, widget) : NULL;
  uint32_t task = WEFT_NONE;

  if (cell != NULL)
    task = weftline_task_list_task (self->list, weftline_task_cell_place (cell));
  weftline_session_set_hover (self->session, task, WEFT_NONE);
}

/* Before there is a scroll bar to be taken hold of. */
static void
follow_visitors (WeftlineTaskTable *self)
{
  GtkEventController *focus = gtk_event_controller_focus_new ();
  GtkEventController *pointer = gtk_event_controller_motion_new ();

  g_signal_connect_swapped (focus, "enter", G_CALLBACK (look_into), self);
  g_signal_connect_swapped (pointer, "enter", G_CALLBACK (look_into), self);
  gtk_widget_add_controller (self->scrolled, focus);
  gtk_widget_add_controller (self->scrolled, pointer);
}

static void
leave_cb (WeftlineTaskTable *self)
{
  weftline_session_set_hover (self->session, WEFT_NONE, WEFT_NONE);
}

/* ---- the widget ------------------------------------------------------------------------------ */

/* Titles of numbers stand where these do, on the right; the arrow before them. */
static void
place_titles (WeftlineTaskTable *self)
{
  GtkWidget *header = gtk_widget_get_first_child (self->view);
  GtkWidget *title = header != NULL ? gtk_widget_get_first_child (header) : NULL;
  bool rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;

  for (unsigned i = 0; i < WEFTLINE_TASK_N_COLUMNS && title != NULL && !rtl; i++)
    {
      GtkWidget *inside = gtk_widget_get_first_child (title);

      if (inside != NULL && weftline_task_column_is_number ((WeftlineTaskColumn) i))
        {
          gtk_widget_set_halign (inside, GTK_ALIGN_END);
          gtk_widget_insert_after (gtk_widget_get_last_child (inside), inside, NULL);
        }
      title = gtk_widget_get_next_sibling (title);
    }
}

static void
weftline_task_table_map (GtkWidget *widget)
{
  WeftlineTaskTable *self = WEFTLINE_TASK_TABLE (widget);

  GTK_WIDGET_CLASS (weftline_task_table_parent_class)->map (widget);
  if (!self->titled)
    place_titles (self);
  self->titled = true;
  update (self);
  want_in_sight (self, weftline_task_list_selected (self->list));
}

/* Nobody looks at it. */
static void
weftline_task_table_unmap (GtkWidget *widget)
{
  WeftlineTaskTable *self = WEFTLINE_TASK_TABLE (widget);

  weftline_turn_forget (&self->turn);
  weftline_turn_forget (&self->rows_turn);
  weftline_task_work_stop (self->work);
  self->asked = false;
  GTK_WIDGET_CLASS (weftline_task_table_parent_class)->unmap (widget);
}

static void
add_column (WeftlineTaskTable *self, WeftlineTaskColumn column)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkColumnViewColumn *made;
  g_autoptr (GtkSorter) sorter = NULL;

  g_object_set_data (G_OBJECT (factory), COLUMN_KEY, GINT_TO_POINTER ((int) column));
  g_signal_connect_swapped (factory, "setup", G_CALLBACK (setup_cb), self);
  g_signal_connect_swapped (factory, "bind", G_CALLBACK (bind_cb), self);
  g_signal_connect_swapped (factory, "unbind", G_CALLBACK (unbind_cb), self);
  made = gtk_column_view_column_new (weftline_task_column_title (column), factory);
  g_object_set_data (G_OBJECT (made), COLUMN_KEY, GINT_TO_POINTER ((int) column));
  g_object_set_data (G_OBJECT (made), "weftline-table", self);
  sorter = GTK_SORTER (gtk_custom_sorter_new (probe_cb, made, NULL));
  gtk_column_view_column_set_sorter (made, sorter);
  gtk_column_view_column_set_resizable (made, TRUE);
  gtk_column_view_column_set_expand (made, column == WEFTLINE_TASK_KEY);
  gtk_column_view_append_column (GTK_COLUMN_VIEW (self->view), made);
  self->columns[column] = made;
  g_object_unref (made);
}

static void
make_view (WeftlineTaskTable *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();

  self->list = weftline_task_list_new ();
  self->view = gtk_column_view_new (g_object_ref (GTK_SELECTION_MODEL (self->list)));
  gtk_widget_add_css_class (self->view, "task-table");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Tasks"), -1);
  for (unsigned i = 0; i < WEFTLINE_TASK_N_COLUMNS; i++)
    add_column (self, (WeftlineTaskColumn) i);
  g_signal_connect_swapped (self->list, "chosen", G_CALLBACK (chosen_cb), self);
  g_signal_connect_swapped (self->list, "reordered", G_CALLBACK (refresh), self);
  g_signal_connect_swapped (self->view, "activate", G_CALLBACK (activate_cb), self);
  g_signal_connect_object (gtk_column_view_get_sorter (GTK_COLUMN_VIEW (self->view)), "changed",
                           G_CALLBACK (sorter_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_swapped (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect_swapped (motion, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (self->view, motion);
}

/* Where text runs from right to left the first column is on the right, which is what is seen first:
 * how far that is away is kept when columns become wider. Not while places are given. */
static gboolean
across_cb (void *data)
{
  WeftlineTaskTable *self = data;
  GtkAdjustment *across =
      gtk_scrolled_window_get_hadjustment (GTK_SCROLLED_WINDOW (self->scrolled));

  self->across_source = 0;
  gtk_adjustment_set_value (across, gtk_adjustment_get_upper (across)
                                        - gtk_adjustment_get_page_size (across)
                                        - self->across_right);
  return G_SOURCE_REMOVE;
}

static void
wider_cb (WeftlineTaskTable *self)
{
  if (gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL && self->across_source == 0)
    self->across_source = g_idle_add (across_cb, self);
}

static void
scrolled_cb (WeftlineTaskTable *self, GtkAdjustment *across)
{
  if (self->across_source == 0)
    self->across_right = gtk_adjustment_get_upper (across) - gtk_adjustment_get_page_size (across)
                         - gtk_adjustment_get_value (across);
}

static void
make_overlay (WeftlineTaskTable *self)
{
  GtkAdjustment *along, *across;

  self->scrolled = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scrolled), self->view);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (self->scrolled), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (self->scrolled), STACKED_PX);
  gtk_widget_set_vexpand (self->scrolled, TRUE);
  along = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scrolled));
  g_signal_connect_object (along, "changed", G_CALLBACK (room_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (along, "value-changed", G_CALLBACK (moved_cb), self, G_CONNECT_SWAPPED);
  across = gtk_scrolled_window_get_hadjustment (GTK_SCROLLED_WINDOW (self->scrolled));
  g_signal_connect_object (across, "changed", G_CALLBACK (wider_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (across, "value-changed", G_CALLBACK (scrolled_cb), self,
                           G_CONNECT_SWAPPED);
  self->empty = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->empty, "dim-label");
  gtk_widget_set_can_target (self->empty, FALSE);
  self->overlay = gtk_overlay_new ();
  gtk_overlay_set_child (GTK_OVERLAY (self->overlay), self->scrolled);
  gtk_overlay_add_overlay (GTK_OVERLAY (self->overlay), self->empty);
}

static void
weftline_task_table_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_FIGURES)
    g_value_set_string (value, WEFTLINE_TASK_TABLE (object)->figures);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
weftline_task_table_dispose (GObject *object)
{
  WeftlineTaskTable *self = WEFTLINE_TASK_TABLE (object);

  weftline_turn_clear (&self->turn);
  weftline_turn_clear (&self->rows_turn);
  g_clear_handle_id (&self->across_source, g_source_remove);
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_signal_handlers_disconnect_by_data (adw_style_manager_get_default (), self);
  if (self->work != NULL)
    g_signal_handlers_disconnect_by_data (self->work, self);
  if (self->list != NULL)
    g_signal_handlers_disconnect_by_data (self->list, self);
  if (self->box != NULL) /* columns that go change the order */
    g_signal_handlers_disconnect_by_data (gtk_column_view_get_sorter (GTK_COLUMN_VIEW (self->view)),
                                          self);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->work);
  g_clear_object (&self->list);
  g_clear_object (&self->actions);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (weftline_task_table_parent_class)->dispose (object);
}

static void
weftline_task_table_finalize (GObject *object)
{
  WeftlineTaskTable *self = WEFTLINE_TASK_TABLE (object);

  weftline_task_source_clear (&self->source);
  weft_moment_unref (self->asked_moment);
  weftline_group_colors_free (self->colors);
  g_array_unref (self->slots);
  g_hash_table_unref (self->cells);
  g_free (self->figures);
  G_OBJECT_CLASS (weftline_task_table_parent_class)->finalize (object);
}

static void
weftline_task_table_class_init (WeftlineTaskTableClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = weftline_task_table_dispose;
  G_OBJECT_CLASS (class)->finalize = weftline_task_table_finalize;
  G_OBJECT_CLASS (class)->get_property = weftline_task_table_get_property;
  widget_class->map = weftline_task_table_map;
  widget_class->unmap = weftline_task_table_unmap;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  g_object_class_install_property (
      G_OBJECT_CLASS (class), PROP_FIGURES,
      g_param_spec_string ("figures", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
weftline_task_table_init (WeftlineTaskTable *self)
{
  self->column = WEFTLINE_TASK_N_COLUMNS;
  self->wanted = WEFT_NONE;
  self->cells = g_hash_table_new (NULL, NULL);
  self->colors = weftline_group_colors_new ();
  self->slots = g_array_new (FALSE, FALSE, sizeof (unsigned));
  weftline_task_source_init (&self->source);
  self->work = weftline_task_work_new ();
  g_signal_connect_swapped (self->work, "changed", G_CALLBACK (work_cb), self);
  add_actions (self);
  make_view (self);
  make_overlay (self);
  self->filter = weftline_task_filter_new ();
  g_signal_connect_swapped (self->filter, "changed", G_CALLBACK (query_changed), self);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_box_append (GTK_BOX (self->box), self->filter);
  gtk_box_append (GTK_BOX (self->box), self->overlay);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  follow_visitors (self);
}

GtkWidget *
weftline_task_table_new (WeftlineSession *session)
{
  WeftlineTaskTable *self = g_object_new (WEFTLINE_TYPE_TASK_TABLE, NULL);

  self->session = g_object_ref (session);
  weftline_turn_init (&self->turn, session, (GSourceOnceFunc) update, self);
  weftline_turn_init (&self->rows_turn, session, rows_cb, self);
  g_signal_connect_swapped (session, "snapshot-changed", G_CALLBACK (snapshot_cb), self);
  g_signal_connect_swapped (session, "moment-changed", G_CALLBACK (update), self);
  g_signal_connect_swapped (session, "selection-changed", G_CALLBACK (selection_cb), self);
  g_signal_connect_swapped (session, "hover-changed", G_CALLBACK (hover_cb), self);
  g_signal_connect_swapped (session, "reveal", G_CALLBACK (reveal_cb), self);
  g_signal_connect_swapped (session, "look-changed", G_CALLBACK (refresh), self);
  g_signal_connect_swapped (adw_style_manager_get_default (), "notify::dark", G_CALLBACK (refresh),
                            self);
  set_figures (self);
  selection_cb (self);
  return GTK_WIDGET (self);
}

WeftlineTaskFilter *
weftline_task_table_filter (WeftlineTaskTable *self)
{
  return WEFTLINE_TASK_FILTER (self->filter);
}

WeftlineTaskList *
weftline_task_table_list (WeftlineTaskTable *self)
{
  return self->list;
}

GtkScrolledWindow *
weftline_task_table_scrolled (WeftlineTaskTable *self)
{
  return GTK_SCROLLED_WINDOW (self->scrolled);
}

guint
weftline_task_table_top (WeftlineTaskTable *self)
{
  GtkAdjustment *adjustment;
  double height = row_height (self, &adjustment);

  return height > 0 ? (guint) (gtk_adjustment_get_value (adjustment) / height) : 0;
}

gboolean
weftline_task_table_is_busy (WeftlineTaskTable *self)
{
  return weftline_task_work_is_busy (self->work) || weftline_turn_is_wanted (&self->turn)
         || weftline_turn_is_wanted (&self->rows_turn);
}
