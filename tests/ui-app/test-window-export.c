/* test-window-export.c: tests of what the window makes of views and tasks
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-objects.h"
#include "ui-fixture.h"

#include "app/weftline-application.h"
#include "app/weftline-cards.h"
#include "app/weftline-window.h"
#include "events/event-view.h"
#include "graph/graph-dot.h"
#include "graph/task-graph.h"
#include "table/task-cell.h"
#include "table/task-table.h"

#include <glib/gstdio.h>
#include <string.h>

static WeftlineApplication *application;

typedef struct
{
  GSettings *settings;
  WeftlineWindow *window;
  TestDir *dir;
} Fixture;

static bool
is_busy (WeftlineWindow *window)
{
  WeftlineRun *run = weftline_window_run (window);

  return weftline_window_is_opening (window) || run == NULL || weftline_run_is_active (run);
}

/* The window with an example that has run. */
static void
set_up (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  fixture->dir = test_dir_new ();
  fixture->settings = g_settings_new (WEFTLINE_APPLICATION_ID);
  fixture->window = weftline_window_new (ADW_APPLICATION (application), fixture->settings);
  gtk_window_present (GTK_WINDOW (fixture->window));
  weftline_window_open_example (fixture->window, "loop", 10, 0.001, 0, TRUE);
  test_loop_until (!is_busy (fixture->window));
  test_loop_drain ();
}

static void
tear_down (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  window_close (fixture->window);
  g_object_unref (fixture->settings);
  test_dir_free (fixture->dir);
}

/* How many bytes of the file begin with that; 0 while there is none. */
static gsize
size_of (const char *path, const char *magic)
{
  g_autofree char *bytes = NULL;
  gsize n_bytes = 0;

  if (!g_file_get_contents (path, &bytes, &n_bytes, NULL) || n_bytes < strlen (magic))
    return 0;
  return memcmp (bytes, magic, strlen (magic)) == 0 ? n_bytes : 0;
}

/* (transfer full) (nullable): NULL: not all of it is written yet */
static char *
read_svg (const char *path)
{
  char *text = NULL;

  if (g_file_get_contents (path, &text, NULL, NULL) && g_str_has_suffix (text, "</svg>\n"))
    return text;
  g_free (text);
  return NULL;
}

static void
test_saves (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  static const char *const panes[] = { "stream",    "graph",     "progress",  "memory",    "held",
                                       "where",     "resources", "occupancy", "transfers", "table",
                                       "inspector", "events",    "run",       "results" };
  static const struct
  {
    const char *ending, *magic;
  } formats[] = { { "png", "\x89PNG" }, { "svg", "<?xml" }, { "PDF", "%PDF-" } };

  for (unsigned i = 0; i < G_N_ELEMENTS (panes); i++)
    for (unsigned k = 0; k < G_N_ELEMENTS (formats); k++)
      {
        g_autofree char *name = g_strdup_printf ("%s.%s", panes[i], formats[k].ending);
        g_autofree char *path = g_build_filename (fixture->dir, name, NULL);

        weftline_window_export (fixture->window, panes[i], path);
        test_loop_until (size_of (path, formats[k].magic) > 200);
      }
  test_loop_drain ();
}

/* Tables, logs and the inspector are lists: in the rows and the order that are shown. */
static void
test_lists (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  static const struct
  {
    const char *pane, *ending, *magic;
  } lists[] = {
    { "table", "csv", "key,group,state," },
    { "events", "csv", "at_ns,kind," },
    { "events", "txt", "" },
    { "inspector", "csv", "part,name," },
    { "inspector", "txt", "" },
  };
  WeftlineRunPage *page = weftline_window_page (fixture->window);
  WeftlineCard *card = weftline_dock_card (weftline_run_page_dock (page), "table");
  WeftlineTaskTable *table = WEFTLINE_TASK_TABLE (weftline_card_child (card));
  g_autofree char *sorted = g_build_filename (fixture->dir, "sorted.csv", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  weftline_session_select_task (weftline_run_page_session (page), 0);
  for (unsigned i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_autofree char *name = g_strdup_printf ("%s.%s", lists[i].pane, lists[i].ending);
      g_autofree char *path = g_build_filename (fixture->dir, name, NULL);

      weftline_window_export (fixture->window, lists[i].pane, path);
      test_loop_until (size_of (path, lists[i].magic) > 60);
    }
  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.layout", "s", "tasks");
  test_loop_until (g_list_model_get_n_items (G_LIST_MODEL (weftline_task_table_list (table))) > 0
                   && !weftline_task_table_is_busy (table));
  weftline_task_table_sort (table, WEFTLINE_TASK_KEY, TRUE);
  test_loop_until (!weftline_task_table_is_busy (table));
  weftline_window_export (fixture->window, "table", sorted);
  test_loop_until (size_of (sorted, "key,") > 60);
  g_assert_true (g_file_get_contents (sorted, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (weftline_task_table_list (table)));
       i++)
    {
      uint32_t task = weftline_task_list_task (weftline_task_table_list (table), i);
      g_autofree char *key =
          weft_model_task_dup_key (weftline_session_model (weftline_run_page_session (page)), task);

      g_assert_true (g_str_has_prefix (lines[i + 1], key));
    }
  test_loop_drain ();
}

/* (transfer full) The list's lines, its heads first. */
static char **
export_table (Fixture *fixture, const char *name)
{
  g_autofree char *path = g_build_filename (fixture->dir, name, NULL);
  g_autofree char *text = NULL;

  weftline_window_export (fixture->window, "table", path);
  test_loop_until (size_of (path, "key,") > 0);
  test_loop_drain ();
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return g_strsplit (g_strchomp (text), "\n", -1);
}

/* A table that is hidden, and has no rows for that, is written as it is asked for all the same. */
static void
test_hidden_table (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  WeftlineRunPage *page = weftline_window_page (fixture->window);
  WeftlineCard *card = weftline_dock_card (weftline_run_page_dock (page), "table");
  WeftlineTaskTable *table = WEFTLINE_TASK_TABLE (weftline_card_child (card));
  uint32_t n_tasks = weftline_session_snapshot (weftline_run_page_session (page))->n_tasks;
  WeftlineTaskFilter *filter = weftline_task_table_filter (table);
  g_auto (GStrv) all = NULL;
  g_auto (GStrv) some = NULL;
  g_auto (GStrv) none = NULL;

  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.layout", "s", "graph");
  test_loop_until (!gtk_widget_get_mapped (GTK_WIDGET (table)));
  all = export_table (fixture, "all.csv");
  g_assert_cmpuint (g_strv_length (all), ==, 1 + n_tasks);
  weftline_task_filter_set (filter, "work-", WEFTLINE_TASK_ALL_STATES, FALSE);
  some = export_table (fixture, "some.csv");
  g_assert_cmpuint (g_strv_length (some), ==, 1 + 10);
  for (unsigned i = 1; some[i] != NULL; i++)
    g_assert_true (g_str_has_prefix (some[i], "work-"));
  weftline_task_filter_set (filter, "no such task", WEFTLINE_TASK_ALL_STATES, FALSE);
  none = export_table (fixture, "none.csv");
  g_assert_cmpuint (g_strv_length (none), ==, 1);
}

/* A moment that was gone to just now, and is still being worked out, is what is written. */
static void
test_moment_at_once (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  WeftlineSession *session = weftline_run_page_session (weftline_window_page (fixture->window));
  uint32_t n_tasks = weftline_session_snapshot (session)->n_tasks;
  g_auto (GStrv) start = NULL;
  g_auto (GStrv) end = NULL;
  unsigned n_waiting = 0;

  end = export_table (fixture, "end.csv");
  for (unsigned i = 1; end[i] != NULL; i++)
    g_assert_null (strstr (end[i], ",waiting,"));
  weftline_session_set_time (session, 0);
  g_assert_null (weftline_session_moment (session));
  start = export_table (fixture, "start.csv");
  for (unsigned i = 1; start[i] != NULL; i++)
    n_waiting += strstr (start[i], ",waiting,") != NULL;
  g_assert_cmpuint (n_waiting, >=, n_tasks / 2);
}

static void
test_refuses (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  g_autofree char *odd = g_build_filename (fixture->dir, "picture.gif", NULL);
  g_autofree char *list = g_build_filename (fixture->dir, "list.csv", NULL);
  g_autofree char *pane = g_build_filename (fixture->dir, "picture.png", NULL);

  weftline_window_export (fixture->window, "stream", odd);
  weftline_window_export (fixture->window, "table", odd);
  weftline_window_export (fixture->window, "results", list);
  weftline_window_export (fixture->window, "nothing", pane);
  test_loop_drain ();
  g_assert_false (g_file_test (odd, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (list, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (pane, G_FILE_TEST_EXISTS));
}

static bool
offers (GMenuModel *menu, const char *action)
{
  bool has = false;

  for (int i = 0; i < g_menu_model_get_n_items (menu) && !has; i++)
    {
      g_autoptr (GMenuModel) section = g_menu_model_get_item_link (menu, i, G_MENU_LINK_SECTION);
      g_autofree char *found = NULL;

      g_menu_model_get_item_attribute (menu, i, G_MENU_ATTRIBUTE_ACTION, "s", &found);
      has = g_strcmp0 (found, action) == 0 || (section != NULL && offers (section, action));
    }
  return has;
}

static gboolean
is_card_menu (GtkWidget *widget, const void *data G_GNUC_UNUSED)
{
  return GTK_IS_MENU_BUTTON (widget) && gtk_widget_has_css_class (widget, "card-menu");
}

/* Every card is saved as a picture by its menu, and what is a list is written as one. */
static void
test_menus (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  WeftlineDock *dock = weftline_run_page_dock (weftline_window_page (fixture->window));
  static const struct
  {
    const char *pane;
    bool is_list;
    WeftlineExportView view;
  } cases[] = {
    { "stream", false, WEFTLINE_EXPORT_STREAM },
    { "graph", false, WEFTLINE_EXPORT_GRAPH },
    { "progress", false, WEFTLINE_EXPORT_PROGRESS },
    { "memory", false, WEFTLINE_EXPORT_MEMORY },
    { "held", false, WEFTLINE_EXPORT_HELD },
    { "where", false, WEFTLINE_EXPORT_WHERE },
    { "resources", false, WEFTLINE_EXPORT_RESOURCES },
    { "occupancy", false, WEFTLINE_EXPORT_OCCUPANCY },
    { "transfers", false, WEFTLINE_EXPORT_TRANSFERS },
    { "run", false, WEFTLINE_EXPORT_RUN },
    { "inspector", true, WEFTLINE_EXPORT_INSPECTOR },
    { "events", true, WEFTLINE_EXPORT_EVENTS },
    { "results", false, WEFTLINE_EXPORT_RESULTS },
    { "table", true, WEFTLINE_EXPORT_TABLE },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      WeftlineExport export = { .width = 0 };
      WeftlineCard *card = weftline_dock_card (dock, cases[i].pane);
      GMenuModel *menu;

      g_assert_nonnull (card);
      menu = gtk_menu_button_get_menu_model (
          GTK_MENU_BUTTON (find_widget (GTK_WIDGET (card), is_card_menu, NULL)));
      g_assert_true (weftline_cards_describe (card, &export));
      g_assert_cmpint (export.view, ==, cases[i].view);
      g_assert_true (offers (menu, "win.export"));
      g_assert_cmpint (offers (menu, "win.export-list"), ==, cases[i].is_list);
    }
}

/* The page of the log that is seen is what becomes a picture. */
static void
test_output (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  WeftlineDock *dock = weftline_run_page_dock (weftline_window_page (fixture->window));
  WeftlineCard *card = weftline_dock_card (dock, "events");
  WeftlineEventView *view = WEFTLINE_EVENT_VIEW (weftline_card_child (card));
  WeftlineExport export = { .width = 0 };

  weftline_event_view_show_output (view, TRUE);
  g_assert_true (weftline_cards_describe (card, &export));
  g_assert_cmpint (export.view, ==, WEFTLINE_EXPORT_OUTPUT);
  weftline_event_view_show_output (view, FALSE);
  for (unsigned kind = 0; kind < WEFTLINE_EVENT_N_KINDS; kind++)
    weftline_event_view_show_kind (view, (WeftlineEventKind) kind, FALSE);
  g_assert_true (weftline_cards_describe (card, &export));
  g_assert_cmpint (export.view, ==, WEFTLINE_EXPORT_EVENTS);
  g_assert_cmphex (export.kinds & ((1u << WEFTLINE_EVENT_N_KINDS) - 1), ==, 0);
  g_assert_cmphex (export.kinds, !=, 0);
}

/* Rows are those of the table, in its order; results are those of the run. */
static void
test_says_what_it_shows (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  WeftlineRunPage *page = weftline_window_page (fixture->window);
  WeftlineCard *card = weftline_dock_card (weftline_run_page_dock (page), "table");
  WeftlineTaskTable *table = WEFTLINE_TASK_TABLE (weftline_card_child (card));
  g_autofree char *path = g_build_filename (fixture->dir, "table.svg", NULL);
  g_autofree char *results = g_build_filename (fixture->dir, "results.svg", NULL);
  g_autofree char *svg = NULL;
  g_autofree char *words = NULL;
  g_autofree char *expected = weftline_run_dup_results (weftline_window_run (fixture->window));
  const char *high, *low;

  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.layout", "s", "tasks");
  test_loop_until (g_list_model_get_n_items (G_LIST_MODEL (weftline_task_table_list (table))) > 0
                   && !weftline_task_table_is_busy (table));
  weftline_task_filter_set (weftline_task_table_filter (table), "work-", WEFTLINE_TASK_ALL_STATES,
                            FALSE);
  weftline_task_table_sort (table, WEFTLINE_TASK_KEY, TRUE);
  test_loop_until (!weftline_task_table_is_busy (table)
                   && g_list_model_get_n_items (G_LIST_MODEL (weftline_task_table_list (table)))
                          == 10);
  weftline_window_export (fixture->window, "table", path);
  test_loop_until ((svg = read_svg (path)) != NULL);
  g_assert_nonnull (strstr (svg, ">Key ▼</text>"));
  g_assert_nonnull (strstr (svg, ">10 of 1"));
  high = strstr (svg, ">work-9</text>");
  low = strstr (svg, ">work-0</text>");
  g_assert_true (high != NULL && low != NULL && high < low);
  weftline_window_export (fixture->window, "results", results);
  test_loop_until ((words = read_svg (results)) != NULL);
  expected[strcspn (expected, "\n")] = '\0';
  g_assert_cmpuint (strlen (expected), >, 0);
  g_assert_nonnull (strstr (words, expected));
  test_loop_drain ();
}

/* ---- words of cards -------------------------------------------------------------------------- */

/* Without room between words, as lines are broken elsewhere, and without marks of direction. */
static void
append_letters (GString *letters, const char *text)
{
  for (; *text != '\0'; text = g_utf8_next_char (text))
    {
      gunichar letter = g_utf8_get_char (text);

      if (!g_unichar_isspace (letter) && letter != 0x200e && letter != 0x200f)
        g_string_append_unichar (letters, letter);
    }
}

/* What one does not read but press, or fill in. */
static bool
is_control (GtkWidget *widget)
{
  if (GTK_IS_BUTTON (widget))
    return !gtk_widget_has_css_class (widget, "fact-link")
           && !gtk_widget_has_css_class (widget, "failure-button");
  return GTK_IS_EDITABLE (widget) || GTK_IS_MENU_BUTTON (widget) || GTK_IS_STACK_SWITCHER (widget);
}

/* Every text that is seen in a view. (element-type char*) */
static void
collect_words (GtkWidget *widget, GPtrArray *words)
{
  if (!gtk_widget_get_mapped (widget) || is_control (widget))
    return;
  if (GTK_IS_LABEL (widget))
    g_ptr_array_add (words, g_strdup (gtk_label_get_text (GTK_LABEL (widget))));
  else if (WEFTLINE_IS_TASK_CELL (widget))
    g_ptr_array_add (words, g_strdup (weftline_task_cell_text (WEFTLINE_TASK_CELL (widget))));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    collect_words (child, words);
}

/* What an SVG says, as letters. (transfer full) */
static char *
letters_of (const char *svg)
{
  GString *letters = g_string_new (NULL);
  const char *at = svg;

  while ((at = strstr (at, "<text ")) != NULL)
    {
      const char *begin = strchr (at, '>') + 1, *end = strstr (begin, "</text>");
      g_autofree char *part = g_strndup (begin, (gsize) (end - begin));
      static const char *const entities[][2] = {
        { "&lt;", "<" },   { "&gt;", ">" },  { "&quot;", "\"" },
        { "&apos;", "'" }, { "&#39;", "'" }, { "&amp;", "&" },
      };

      for (unsigned i = 0; i < G_N_ELEMENTS (entities); i++)
        {
          g_auto (GStrv) parts = g_strsplit (part, entities[i][0], -1);

          g_free (part);
          part = g_strjoinv (entities[i][1], parts);
        }
      append_letters (letters, part);
      at = end;
    }
  return g_string_free (letters, FALSE);
}

/* Exports the card, and looks for all that is seen in it. Returns: how many texts there were */
static guint
check_words (Fixture *fixture, const char *pane)
{
  WeftlineDock *dock = weftline_run_page_dock (weftline_window_page (fixture->window));
  GtkWidget *view = weftline_card_child (weftline_dock_card (dock, pane));
  g_autoptr (GPtrArray) words = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *name = g_strdup_printf ("%s-said.svg", pane);
  g_autofree char *path = g_build_filename (fixture->dir, name, NULL);
  g_autofree char *svg = NULL;
  g_autofree char *said = NULL;

  test_loop_until (gtk_widget_get_mapped (view));
  if (WEFTLINE_IS_TASK_TABLE (view))
    test_loop_until (!weftline_task_table_is_busy (WEFTLINE_TASK_TABLE (view)));
  test_loop_drain ();
  collect_words (view, words);
  weftline_window_export (fixture->window, pane, path);
  test_loop_until ((svg = read_svg (path)) != NULL);
  said = letters_of (svg);
  for (guint i = 0; i < words->len; i++)
    {
      g_autoptr (GString) letters = g_string_new (NULL);

      append_letters (letters, words->pdata[i]);
      if (strstr (said, letters->str) == NULL)
        g_error ("%s: “%s” is not in the picture: %s", pane, (char *) words->pdata[i], said);
    }
  g_unlink (path);
  return words->len;
}

/* All that is to be read in a card is in its picture: as it was, and of a run that is over. */
static void
test_same_words (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  WeftlineRunPage *page = weftline_window_page (fixture->window);
  WeftlineSession *session = weftline_run_page_session (page);

  weftline_session_update (session);
  test_loop_until (weftline_session_snapshot (session)->n_tasks > 0);
  weftline_session_select_task (session, weftline_session_snapshot (session)->n_tasks - 1);
  weftline_session_set_time (session, weftline_session_snapshot (session)->last_ns / 2);
  test_loop_until (weftline_session_moment (session) != NULL);
  for (int i = 0; i < 2; i++)
    {
      gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.layout", "s", "tasks");
      g_assert_cmpuint (check_words (fixture, "table"), >, 20);
      g_assert_cmpuint (check_words (fixture, "inspector"), >, 10);
      gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.layout", "s", "status");
      g_assert_cmpuint (check_words (fixture, "run"), >, 4);
      g_assert_cmpuint (check_words (fixture, "events"), >, 4);
      g_assert_cmpuint (check_words (fixture, "results"), >, 0);
      weftline_session_set_time (session, WEFTLINE_NOW);
      test_loop_until (weftline_session_moment (session) == NULL);
    }
}

/* Graphviz lays a small graph out when it is asked, where it is there; then the picture is that. */
static void
test_graphviz (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  WeftlineDock *dock = weftline_run_page_dock (weftline_window_page (fixture->window));
  WeftlineCard *card = weftline_dock_card (dock, "graph");
  WeftlineTaskGraph *graph = WEFTLINE_TASK_GRAPH (weftline_card_child (card));

  for (int i = 1; i <= 2; i++)
    {
      WeftlineExport export = { .width = 0 };
      bool asked = weftline_dot_is_there () && i == 1;

      g_assert_cmpint (gtk_widget_activate_action (GTK_WIDGET (graph), "graph.dot", NULL), ==,
                       weftline_dot_is_there ());
      g_assert_cmpint (weftline_task_graph_get_dot (graph), ==, asked);
      g_assert_true (weftline_cards_describe (card, &export));
      g_assert_cmpint (export.dot, ==, asked);
    }
}

/* A task once more is a run of its own, named by its key. */
static void
test_reruns (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  WeftlineRunStatus status;

  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.rerun-task", "s", "work-3");
  test_loop_until (!is_busy (fixture->window));
  g_assert_cmpuint (weftline_window_n_runs (fixture->window), ==, 2);
  g_assert_cmpstr (weftline_run_name (weftline_window_run (fixture->window)), ==, "work-3");
  weftline_run_status (weftline_window_run (fixture->window), &status);
  g_assert_cmpint (status.phase, ==, WEFT_RUN_DONE);
  g_assert_cmpuint (status.n_tasks, ==, 1);
  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.rerun-task", "s", "nothing");
  test_loop_drain ();
  g_assert_cmpuint (weftline_window_n_runs (fixture->window), ==, 2);
}

#define ADD(behaviour, function) \
  g_test_add ("/weft/ui-app/window-export/" behaviour, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  int status;

  gtk_test_init (&argc, &argv, NULL);
  application = weftline_application_new ();
  g_application_register (G_APPLICATION (application), NULL, NULL);
  ADD ("saves", test_saves);
  ADD ("lists", test_lists);
  ADD ("hidden-table", test_hidden_table);
  ADD ("moment-at-once", test_moment_at_once);
  ADD ("refuses", test_refuses);
  ADD ("menus", test_menus);
  ADD ("output", test_output);
  ADD ("says-what-it-shows", test_says_what_it_shows);
  ADD ("same-words", test_same_words);
  ADD ("graphviz", test_graphviz);
  ADD ("reruns", test_reruns);
  status = g_test_run ();
  g_object_unref (application);
  return status;
}
