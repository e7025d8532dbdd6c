/* test-search.c: tests of finding tasks
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "test-support.h"
#include "ui-fixture.h"

#include "app/weftline-search.h"
#include "session/weftline-find.h"

typedef struct
{
  WeftlineRun *run;
  WeftlineSession *session;
} Fixture;

static const WeftModelSnapshot *
update (WeftlineSession *session)
{
  weftline_session_update (session);
  return weftline_session_snapshot (session);
}

static void
set_up (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  fixture->run = example_run ("fork-join");
  fixture->session = weftline_session_new (fixture->run);
  run_to_the_end (fixture->run);
  test_loop_until (update (fixture->session)->phase == WEFT_RUN_DONE);
}

static void
tear_down (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  g_assert_finalize_object (fixture->session);
  g_object_unref (fixture->run);
}

/* Going on comes to every match once, in order, and back; from the end to the start. */
static void
test_goes_round (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  WeftModel *model = weftline_session_model (fixture->session);
  uint32_t n_tasks = weftline_session_snapshot (fixture->session)->n_tasks;
  WeftlineFound found;
  uint32_t first, last = WEFT_NONE;

  weftline_find (model, n_tasks, "stage", WEFT_NONE, false, &found);
  g_assert_cmpuint (found.n_matches, ==, 16);
  first = found.task;
  for (uint32_t i = 1; i <= 16; i++)
    {
      g_autofree char *key = weft_model_task_dup_key (model, found.task);

      g_assert_true (g_str_has_prefix (key, "stage"));
      g_assert_cmpuint (found.position, ==, i);
      last = found.task;
      weftline_find (model, n_tasks, "stage", found.task, false, &found);
    }
  g_assert_cmpuint (found.task, ==, first);
  weftline_find (model, n_tasks, "stage", first, true, &found);
  g_assert_cmpuint (found.task, ==, last);
}

static void
test_exact_first (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  WeftModel *model = weftline_session_model (fixture->session);
  uint32_t n_tasks = weftline_session_snapshot (fixture->session)->n_tasks;
  WeftlineFound found;

  weftline_find (model, n_tasks, "join-3", WEFT_NONE, false, &found);
  g_assert_cmpuint (found.task, ==, weft_model_find_key (model, "join-3"));
  weftline_find (model, n_tasks, "knitting", WEFT_NONE, false, &found);
  g_assert_cmpuint (found.task, ==, WEFT_NONE);
  g_assert_cmpuint (found.n_matches, ==, 0);
  weftline_find (model, n_tasks, "", WEFT_NONE, false, &found);
  g_assert_cmpuint (found.task, ==, WEFT_NONE);
}

static void
test_selects (Fixture *fixture, const void *data G_GNUC_UNUSED)
{
  GtkWidget *search = g_object_ref_sink (weftline_search_new ());
  GtkWidget *entry = find_widget (search, has_type, GSIZE_TO_POINTER (GTK_TYPE_SEARCH_ENTRY));
  const WeftlineSelection *selection = weftline_session_selection (fixture->session);
  uint32_t first;

  gtk_test_accessible_assert_role (search, GTK_ACCESSIBLE_ROLE_SEARCH);
  gtk_test_accessible_assert_property (entry, GTK_ACCESSIBLE_PROPERTY_LABEL, "Find tasks");
  weftline_search_set_session (WEFTLINE_SEARCH (search), fixture->session);
  gtk_editable_set_text (GTK_EDITABLE (entry), "stage2");
  g_signal_emit_by_name (entry, "search-changed");
  g_assert_nonnull (find_widget (search, has_text, "1 of 4"));
  first = selection->task;
  g_assert_cmpuint (first, !=, WEFT_NONE);
  g_signal_emit_by_name (entry, "activate");
  g_assert_nonnull (find_widget (search, has_text, "2 of 4"));
  g_assert_cmpuint (selection->task, !=, first);
  g_signal_emit_by_name (entry, "previous-match");
  g_assert_cmpuint (selection->task, ==, first);
  gtk_editable_set_text (GTK_EDITABLE (entry), "knitting");
  g_signal_emit_by_name (entry, "search-changed");
  g_assert_nonnull (find_widget (search, has_text, "no task"));
  g_assert_cmpuint (selection->task, ==, first);
  g_assert_finalize_object (search);
}

#define ADD(behaviour, function) \
  g_test_add ("/weft/ui-app/search/" behaviour, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  ADD ("goes-round", test_goes_round);
  ADD ("exact-first", test_exact_first);
  ADD ("selects", test_selects);
  return g_test_run ();
}
