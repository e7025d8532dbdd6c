/* test-past.c: tests that all views of a run show the moment that is looked at, and say so
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * With WEFT_PICTURES set to a folder, pictures are left there to be looked at.
 */
#include "view-fixture.h"
#include "window-pictures.h"

#include "app/weftline-run-row.h"
#include "canvas/number-format.h"
#include "events/event-view.h"
#include "inspect/inspect-facts.h"
#include "progress/progress-paint.h"
#include "progress/progress-source.h"
#include "session/weftline-eta.h"
#include "table/task-filter.h"
#include "table/task-table.h"
#include "where/where-view.h"

typedef struct
{
  TestDir *dir;
  WeftlineRun *run;
  RunPage own;
  WeftlineSession *session; /* of the page */
  GtkWidget *window;
  WeftlineRunPage *page;
} Fixture;

/* Tasks one after the other, two at a time; results that take memory. */
static WeftlineRun *
make_run (const TestDir *dir)
{
  GString *json = g_string_new ("{\"weftline\": 1, \"name\": \"past\", \"tasks\": {"
                                "\"first-0\": {\"op\": \"sleep\", \"args\": [0.03, 1]}");
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (WeftlinePlan) plan = NULL;

  for (unsigned i = 0; i < 6; i++)
    g_string_append_printf (json,
                            ", \"second-%u\": {\"op\": \"sleep\", \"args\": [0.02, "
                            "{\"ref\": \"first-0\"}]}"
                            ", \"third-%u\": {\"op\": \"sleep\", \"args\": [0.02, "
                            "{\"ref\": \"second-%u\"}]}",
                            i, i, i);
  g_string_append (json, "}}");
  path = test_dir_write (dir, "past.json", json->str);
  g_string_free (json, TRUE);
  plan = weftline_plan_new_for_file (path, &error);
  g_assert_no_error (error);
  return weftline_run_embedded_new (plan, &(WeftlineRunSettings){ .n_workers = 2 });
}

static gboolean
has_css_name (GtkWidget *widget, const void *name)
{
  return g_str_equal (gtk_widget_get_css_name (widget), name);
}

static GtkWidget *
view_of (Fixture *f, const char *css_name)
{
  return find_widget (GTK_WIDGET (f->page), has_css_name, css_name);
}

static void
set_up (Fixture *f, const void *data G_GNUC_UNUSED)
{
  f->dir = test_dir_new ();
  f->run = make_run (f->dir);
  run_page_open (&f->own, f->run);
  f->page = f->own.page;
  f->session = f->own.session;
  f->window = f->own.window;
  run_to_the_end (f->run);
  test_loop_until (weftline_session_snapshot (f->session)->phase == WEFT_RUN_DONE
                   && weftline_feed_state (weftline_run_feed (f->run)) == WEFT_FEED_ENDED
                   && is_described (view_of (f, "taskgraph"), "tasks"));
  weftline_session_update (f->session);
}

static void
tear_down (Fixture *f, const void *data G_GNUC_UNUSED)
{
  run_page_close (&f->own, f->run);
  test_dir_free (f->dir);
}

static bool
has_moment (Fixture *f)
{
  const WeftMoment *moment = weftline_session_moment (f->session);

  return moment != NULL && moment->at_ns == weftline_session_time (f->session);
}

static void
go_to (Fixture *f, int64_t at_ns)
{
  weftline_session_set_time (f->session, at_ns);
  test_loop_until (
      has_moment (f)
      && !weftline_where_view_is_behind (WEFTLINE_WHERE_VIEW (view_of (f, "whereview"))));
}

/* To when some have ended, and others have not begun. */
static void
go_back (Fixture *f)
{
  go_to (f, weftline_session_snapshot (f->session)->last_ns / 3);
}

/* (transfer full) */
static GBytes *
take_picture (Fixture *f, GtkWidget *widget)
{
  test_loop_drain ();
  return widget_picture (f->dir, widget);
}

/* (transfer full): once nothing is drawn late any more */
static GBytes *
settled_picture (Fixture *f, GtkWidget *widget)
{
  GBytes *before = take_picture (f, widget), *now = take_picture (f, widget);

  while (!g_bytes_equal (before, now))
    {
      g_bytes_unref (before);
      before = now;
      now = take_picture (f, widget);
    }
  g_bytes_unref (before);
  return now;
}

/* ---- what is drawn --------------------------------------------------------------------------- */

/* Each view looks different then, and as before when it is left. */
static void
test_pictures (Fixture *f, const void *data G_GNUC_UNUSED)
{
  static const char *const cards[] = {
    "stream", "graph", "progress", "memory", "resources", "where"
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cards); i++)
    {
      WeftlineDock *dock = weftline_run_page_dock (f->page);
      GtkWidget *view = weftline_card_child (weftline_dock_card (dock, cards[i]));
      g_autoptr (GBytes) now = NULL;
      g_autoptr (GBytes) then = NULL;
      g_autoptr (GBytes) again = NULL;

      weftline_dock_maximise (dock, cards[i]);
      test_loop_until (gtk_widget_get_width (view) > 0);
      now = settled_picture (f, view);
      go_back (f);
      then = settled_picture (f, view);
      weftline_session_set_time (f->session, WEFTLINE_NOW);
      again = settled_picture (f, view);
      if (g_bytes_equal (now, then))
        g_error ("%s does not show the past", cards[i]);
      if (!g_bytes_equal (now, again))
        g_error ("%s does not show the present again", cards[i]);
    }
}

/* ---- what is said ---------------------------------------------------------------------------- */

static gboolean
has_tooltip (GtkWidget *widget, const void *text)
{
  return GTK_IS_LABEL (widget) && gtk_widget_get_visible (widget)
         && g_strcmp0 (gtk_widget_get_tooltip_text (widget), text) == 0
         && *gtk_label_get_text (GTK_LABEL (widget)) != '\0';
}

static bool
card_says (Fixture *f, const char *name, const char *words)
{
  WeftlineCard *card = weftline_dock_card (weftline_run_page_dock (f->page), name);

  g_assert_nonnull (card);
  return find_widget (GTK_WIDGET (card), has_tooltip, words) != NULL;
}

/* Not by colour alone: every card has words. */
static void
test_cards_say_so (Fixture *f, const void *data G_GNUC_UNUSED)
{
  static const char *const rewound[] = { "stream", "graph",  "progress", "memory",  "inspector",
                                         "table",  "events", "run",      "results", "where" };
  static const char *const lines[] = { "held", "resources" };
  g_autofree char *took =
      weftline_progress_elapsed_text (weft_model_elapsed (weftline_session_snapshot (f->session)));
  g_autofree char *as_of = NULL;

  g_assert_true (is_described (view_of (f, "progressview"), took));
  go_back (f);
  leave_pictures (f->window, "past");
  as_of = weftline_session_dup_time_text (f->session);
  g_assert_true (g_str_has_prefix (as_of, "as of "));
  for (unsigned i = 0; i < G_N_ELEMENTS (rewound); i++)
    g_assert_true (card_says (f, rewound[i], as_of));
  for (unsigned i = 0; i < G_N_ELEMENTS (lines); i++)
    g_assert_true (card_says (f, lines[i], "A line stands at that time"));
  g_assert_true (is_described (view_of (f, "taskgraph"), as_of));
  g_assert_true (is_described (view_of (f, "taskstream"), as_of));
  g_assert_true (is_described (view_of (f, "progressview"), as_of));
  g_assert_true (is_described (view_of (f, "memoryview"), as_of));
  g_assert_true (is_described (view_of (f, "whereview"), as_of));
  g_assert_false (is_described (view_of (f, "progressview"), took));
  weftline_session_set_time (f->session, WEFTLINE_NOW);
  for (unsigned i = 0; i < G_N_ELEMENTS (rewound); i++)
    g_assert_false (card_says (f, rewound[i], as_of));
  g_assert_false (is_described (view_of (f, "taskgraph"), "as of"));
  g_assert_false (is_described (view_of (f, "progressview"), "as of"));
  g_assert_false (is_described (view_of (f, "whereview"), "as of"));
  g_assert_true (is_described (view_of (f, "progressview"), took));
}

/* With a range selected, that card says that it is of it, whatever the moment is. */
static void
test_where_of_a_range (Fixture *f, const void *data G_GNUC_UNUSED)
{
  int64_t end_ns = weftline_session_snapshot (f->session)->last_ns;
  WeftlineWhereView *view = WEFTLINE_WHERE_VIEW (view_of (f, "whereview"));
  g_autofree char *from = weftline_format_moment (end_ns / 4, WEFTLINE_TIME_SINCE_START, 0);
  g_autofree char *to = weftline_format_moment (end_ns / 2, WEFTLINE_TIME_SINCE_START, 0);
  g_autofree char *words = g_strdup_printf ("Of the selected time, from %s to %s", from, to);
  g_autofree char *as_of = NULL;
  g_autofree char *both = NULL;

  weftline_session_select_range (f->session, end_ns / 4, end_ns / 2);
  test_loop_until (!weftline_where_view_is_behind (view));
  g_assert_cmpint (weft_time_account_elapsed (weftline_where_view_account (view)), ==,
                   end_ns / 2 - end_ns / 4);
  g_assert_true (card_says (f, "where", words));
  g_assert_true (is_described (GTK_WIDGET (view), "in the selected time"));
  leave_pictures (f->window, "where-range");
  go_back (f);
  as_of = weftline_session_dup_time_text (f->session);
  both = g_strdup_printf ("%s, %s", words, as_of);
  g_assert_cmpint (weft_time_account_elapsed (weftline_where_view_account (view)), ==,
                   end_ns / 3 - end_ns / 4);
  g_assert_true (card_says (f, "where", both));
  weftline_session_set_time (f->session, WEFTLINE_NOW);
  weftline_session_select_nothing (f->session);
  g_assert_false (card_says (f, "where", words));
  g_assert_false (is_described (GTK_WIDGET (view), "selected"));
}

/* The inspector has the state then and now, and links have theirs then. */
static void
test_inspector (Fixture *f, const void *data G_GNUC_UNUSED)
{
  WeftModel *model = weftline_session_model (f->session);
  uint32_t task = 0;
  GtkWidget *view =
      weftline_card_child (weftline_dock_card (weftline_run_page_dock (f->page), "inspector"));

  go_back (f);
  while (weftline_session_task_state (f->session, task) >= WEFT_TASK_MEMORY)
    g_assert_cmpuint (++task, <, weftline_session_snapshot (f->session)->n_tasks);
  weftline_session_select_task (f->session, task);
  g_assert_nonnull (find_widget (view, has_text, "State then"));
  g_assert_nonnull (find_widget (
      view, has_text, weftline_state_word (weftline_session_task_state (f->session, task))));
  g_assert_nonnull (
      find_widget (view, has_text, weftline_state_word (weft_model_task_state (model, task))));
  weftline_session_set_time (f->session, WEFTLINE_NOW);
  g_assert_null (find_widget (view, has_text, "State then"));
}

static uint32_t
n_ended_then (const WeftMoment *moment)
{
  return moment->n_states[WEFT_TASK_MEMORY] + moment->n_states[WEFT_TASK_RELEASED]
         + moment->n_states[WEFT_TASK_ERRED];
}

/* Of all tasks, in the mean. */
static void
assert_rate (const WeftlineProgressSource *source, uint32_t n_ended, int64_t at_ns)
{
  double rate = g_array_index (source->rates, double, source->groups->len);

  g_assert_cmpfloat_with_epsilon (rate * (double) at_ns, n_ended * 1e9, 1e5 * n_ended + 1);
}

/* Bars of groups count what the moment counts; tasks and groups that came later wait. What is told
 * of now is as if nobody had looked back. */
static void
test_progress (Fixture *f, const void *data G_GNUC_UNUSED)
{
  const WeftModelSnapshot *snapshot = weftline_session_snapshot (f->session);
  WeftModel *model = weftline_session_model (f->session);
  WeftPast *past = weft_past_new (model, snapshot);
  WeftlineProgressSource source;

  weftline_progress_source_init (&source);
  for (int i = 0; i < 50; i++)
    {
      int64_t at_ns = (int64_t) g_test_rand_double_range (0, (double) snapshot->last_ns);
      WeftMoment *moment = weft_moment_new (past, at_ns);

      for (unsigned later = 0; later < 2; later++)
        {
          moment->n_groups -= later; /* as if the last one had not been there */
          weftline_progress_source_take (&source, model, snapshot, moment);
          g_assert_cmpuint (source.groups->len, ==, snapshot->n_groups);
          g_assert_cmpint (source.elapsed_ns, ==, 0);
          if (later == 0)
            assert_rate (&source, n_ended_then (moment), weft_model_elapsed_then (snapshot, at_ns));
          for (uint32_t k = 0; k < snapshot->n_groups; k++)
            {
              const WeftlineProgressGroup *group =
                  &g_array_index (source.groups, WeftlineProgressGroup, k);

              if (k < moment->n_groups)
                g_assert_cmpmem (group->n_states, sizeof group->n_states,
                                 moment->groups[k].n_states, sizeof group->n_states);
              else
                g_assert_cmpuint (group->n_states[WEFT_TASK_WAITING], ==, group->n_tasks);
            }
        }
      weft_moment_unref (moment);
    }
  weftline_progress_source_take (&source, model, snapshot, NULL);
  assert_rate (&source, snapshot->n_tasks, weft_model_elapsed (snapshot));
  g_assert_cmpint (source.elapsed_ns, ==, weft_model_elapsed (snapshot));
  weftline_progress_source_clear (&source);
  weft_past_free (past);
}

static GtkWidget *
card_view (Fixture *f, const char *name)
{
  return weftline_card_child (weftline_dock_card (weftline_run_page_dock (f->page), name));
}

/* It has those tasks that were in a state then, and those of now once the past is left. */
static void
test_table (Fixture *f, const void *data G_GNUC_UNUSED)
{
  WeftlineTaskTable *table = WEFTLINE_TASK_TABLE (card_view (f, "table"));
  GListModel *list = G_LIST_MODEL (weftline_task_table_list (table));
  const WeftMoment *moment;
  uint32_t states = 1u << WEFT_TASK_WAITING | 1u << WEFT_TASK_QUEUED | 1u << WEFT_TASK_RUNNING;
  uint32_t n = 0;

  g_settings_set_string (f->own.settings, "layout", "tasks");
  test_loop_until (gtk_widget_get_mapped (GTK_WIDGET (table)));
  weftline_task_filter_set (weftline_task_table_filter (table), NULL, states, FALSE);
  test_loop_until (!weftline_task_table_is_busy (table));
  g_assert_cmpuint (g_list_model_get_n_items (list), ==, 0);
  go_back (f);
  moment = weftline_session_moment (f->session);
  for (unsigned state = 0; state < WEFT_TASK_MEMORY; state++)
    n += moment->n_states[state];
  g_assert_cmpuint (n, >, 0);
  test_loop_until (g_list_model_get_n_items (list) == n);
  for (guint i = 0; i < n; i++)
    g_assert_cmpuint (moment->states[weftline_task_list_task (weftline_task_table_list (table), i)],
                      <, WEFT_TASK_MEMORY);
  weftline_session_set_time (f->session, WEFTLINE_NOW);
  test_loop_until (g_list_model_get_n_items (list) == 0);
  g_settings_reset (f->own.settings, "layout");
}

/* The log ends with the moment. */
static void
test_events (Fixture *f, const void *data G_GNUC_UNUSED)
{
  GListModel *list =
      G_LIST_MODEL (weftline_event_view_list (WEFTLINE_EVENT_VIEW (card_view (f, "events"))));
  guint before = g_list_model_get_n_items (list), n;
  g_autoptr (WeftlineEventItem) first = g_list_model_get_item (list, 0);

  g_assert_cmpuint (before, >, 1);
  for (int i = 0; i < 20; i++)
    {
      int64_t at_ns =
          g_test_rand_int_range (0, (gint32) weftline_session_snapshot (f->session)->last_ns);

      weftline_session_set_time (f->session, at_ns);
      n = g_list_model_get_n_items (list);
      g_assert_cmpuint (
          n, ==,
          weftline_event_list_n_all (WEFTLINE_EVENT_LIST (list))
              - weftline_event_list_n_of (WEFTLINE_EVENT_LIST (list), WEFTLINE_EVENT_STEAL));
      for (guint k = 0; k < n; k++)
        {
          g_autoptr (WeftlineEventItem) item = g_list_model_get_item (list, k);

          g_assert_cmpint (weftline_event_item_event (item)->at_ns, <=, at_ns);
        }
    }
  weftline_session_set_time (f->session, weftline_event_item_event (first)->at_ns);
  g_assert_cmpuint (g_list_model_get_n_items (list), <, before);
  weftline_session_set_time (f->session, WEFTLINE_NOW);
  g_assert_cmpuint (g_list_model_get_n_items (list), ==, before);
}

/* Figures are those of the moment, in the card, and beside the run's name; outputs come later. */
static void
test_figures (Fixture *f, const void *data G_GNUC_UNUSED)
{
  GtkWidget *row = g_object_ref_sink (weftline_run_row_new (f->session));
  g_autofree char *then = NULL;
  g_autofree char *beside = NULL;
  g_autofree char *as_of = NULL;

  g_assert_nonnull (find_widget (card_view (f, "run"), has_text, "13 of 13"));
  go_back (f);
  as_of = weftline_session_dup_time_text (f->session);
  then = g_strdup_printf ("%u of 13", n_ended_then (weftline_session_moment (f->session)));
  beside = g_strdup_printf ("%s · %.0f %%", as_of,
                            n_ended_then (weftline_session_moment (f->session)) / 0.13);
  g_assert_nonnull (find_widget (card_view (f, "run"), has_text, then));
  g_assert_nonnull (find_widget (card_view (f, "run"), has_text, "running"));
  g_assert_nonnull (find_widget (row, has_text, beside));
  g_assert_nonnull (
      find_widget (card_view (f, "results"), has_text, "At that time the run had no outputs yet."));
  weftline_session_set_time (f->session, WEFTLINE_NOW);
  g_assert_nonnull (find_widget (card_view (f, "run"), has_text, "13 of 13"));
  g_assert_null (
      find_widget (card_view (f, "results"), has_text, "At that time the run had no outputs yet."));
  g_assert_null (find_widget (row, has_text, beside));
  g_object_unref (row);
}

/* As it would have been told then, and nothing once the run is over. */
static void
test_estimate (Fixture *f, const void *data G_GNUC_UNUSED)
{
  g_autofree char *text = NULL;
  WeftEta eta, expected;

  g_assert_false (weftline_session_left (f->session, &eta));
  weftline_session_set_time (f->session, weftline_session_snapshot (f->session)->last_ns * 2 / 3);
  test_loop_until (has_moment (f));
  test_loop_until (weftline_session_left (f->session, &eta));
  weft_eta_estimate_then (weftline_session_model (f->session),
                          weftline_session_snapshot (f->session),
                          weftline_session_moment (f->session), &expected);
  g_assert_cmpint (eta.middle_ns, ==, expected.middle_ns);
  g_assert_cmpint (eta.middle_ns, >, 0);
  text = weftline_eta_text (&expected, true);
  g_assert_true (is_described (view_of (f, "progressview"), text));
  weftline_session_set_time (f->session, WEFTLINE_NOW);
  g_assert_false (weftline_session_left (f->session, &eta));
  g_assert_false (is_described (view_of (f, "progressview"), " left"));
}

static const WeftSpan *
span_of (WeftModel *model, uint32_t task)
{
  WeftModelLane info;
  uint64_t index;
  uint32_t lane;

  g_assert_true (weft_model_task_span (model, task, &lane, &index));
  weft_model_lane (model, lane, &info);
  return weft_spans_get (info.spans, index);
}

static uint32_t
last_started (WeftModel *model, uint32_t n_tasks)
{
  uint32_t last = 0;

  for (uint32_t task = 0; task < n_tasks; task++)
    if (span_of (model, task)->start_ns > span_of (model, last)->start_ns)
      last = task;
  return last;
}

/* What a task did later is not told. */
static void
test_inspector_tells_nothing_later (Fixture *f, const void *data G_GNUC_UNUSED)
{
  WeftModel *model = weftline_session_model (f->session);
  uint32_t task = last_started (model, weftline_session_snapshot (f->session)->n_tasks), first;
  GtkWidget *view = card_view (f, "inspector");
  const WeftSpan *span;

  first = weft_model_find_key (model, "first-0");
  span = span_of (model, first);
  g_assert_cmpint (span->end_ns, <, span_of (model, task)->start_ns);
  weftline_session_select_task (f->session, task);
  g_assert_nonnull (find_widget (view, has_text, "Started"));
  go_to (f, span->end_ns);
  g_assert_cmpuint (weftline_session_task_state (f->session, task), <, WEFT_TASK_RUNNING);
  g_assert_null (find_widget (view, has_text, "Started"));
  g_assert_null (find_widget (view, has_text, "Ended"));
  g_assert_nonnull (find_widget (view, has_text, "Waits for"));
  weftline_session_select_task (f->session, first);
  g_assert_nonnull (find_widget (view, has_text, "Ended"));
  go_to (f, (span->start_ns + span->end_ns) / 2);
  g_assert_nonnull (find_widget (view, has_text, "Running for"));
  g_assert_null (find_widget (view, has_text, "Ended"));
}

/* ---- leaving --------------------------------------------------------------------------------- */

/* Escape leaves the past first, and is the views' own then. */
static void
test_escape (Fixture *f, const void *data G_GNUC_UNUSED)
{
  weftline_session_select_task (f->session, 0);
  g_assert_false (press (GTK_WIDGET (f->page), GDK_KEY_Escape));
  go_back (f);
  g_assert_false (press (GTK_WIDGET (f->page), GDK_KEY_f));
  g_assert_true (press (GTK_WIDGET (f->page), GDK_KEY_Escape));
  g_assert_cmpint (weftline_session_time (f->session), ==, WEFTLINE_NOW);
  g_assert_cmpuint (weftline_session_selection (f->session)->task, ==, 0);
}

/* What is open above the page is closed first. */
static void
test_escape_from_popover (Fixture *f, const void *data G_GNUC_UNUSED)
{
  GtkWidget *popover = gtk_popover_new (), *button = gtk_button_new_with_label ("inside");

  gtk_popover_set_child (GTK_POPOVER (popover), button);
  gtk_widget_set_parent (popover, view_of (f, "weftcard"));
  go_back (f);
  gtk_popover_popup (GTK_POPOVER (popover));
  gtk_widget_grab_focus (button);
  g_assert_true (gtk_root_get_focus (gtk_widget_get_root (button)) == button);
  g_assert_false (press (GTK_WIDGET (f->page), GDK_KEY_Escape));
  g_assert_cmpint (weftline_session_time (f->session), <, WEFTLINE_NOW);
  gtk_popover_popdown (GTK_POPOVER (popover));
  gtk_widget_unparent (popover);
}

#define ADD(behaviour, function) \
  g_test_add ("/weft/ui-app/past/" behaviour, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv);
  adw_init ();
  ADD ("pictures", test_pictures);
  ADD ("cards-say-so", test_cards_say_so);
  ADD ("where-of-a-range", test_where_of_a_range);
  ADD ("inspector", test_inspector);
  ADD ("progress", test_progress);
  ADD ("table", test_table);
  ADD ("events", test_events);
  ADD ("figures", test_figures);
  ADD ("estimate", test_estimate);
  ADD ("inspector-tells-nothing-later", test_inspector_tells_nothing_later);
  ADD ("escape", test_escape);
  ADD ("escape-from-popover", test_escape_from_popover);
  return g_test_run ();
}
