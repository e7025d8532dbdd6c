/* weftline-cards.c: which cards there are, and where they stand at first
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A view is known to the window by its line in `cards`.
 */
#include "config.h"

#include "app/weftline-cards.h"
#include "app/weftline-card-menus.h"
#include "app/weftline-run-cards.h"
#include "events/event-view.h"
#include "graph/task-graph.h"
#include "inspect/inspect-view.h"
#include "memory/held-view.h"
#include "memory/memory-view.h"
#include "occupancy/occupancy-view.h"
#include "progress/progress-view.h"
#include "resources/resource-view.h"
#include "table/task-table.h"
#include "timeline/task-stream.h"
#include "transfers/transfer-view.h"
#include "where/where-view.h"
#include "workers/workers-view.h"

#include <adwaita.h>
#include <glib/gi18n.h>

/* Of views that draw up to their edges. */
#define MARGIN WEFTLINE_EXPORT_MARGIN
#define HAIRLINE 1 /* of the card, not to be drawn over */

/* How a view shows a moment of the past. */
typedef enum
{
  LINE,   /* by a line in its time axis */
  AS_WAS, /* as it would have looked then */
  PART,   /* what had happened by then, in the selected time if there is one */
} CardTime;

typedef struct
{
  const char *name;
  const char *title;
  GtkWidget *(*make) (WeftlineSession *session);
  int margin; /* around the view, but for its top; 0: it has its own */
  void (*describe) (GtkWidget *view, WeftlineExport *export);
  CardTime time;
} CardKind;

static GtkWidget *
make_figures (WeftlineSession *session)
{
  return weftline_run_figures_new (session);
}

static GtkWidget *
make_results (WeftlineSession *session)
{
  return weftline_run_results_new (session);
}

/* ---- as pictures ----------------------------------------------------------------------------- */

static void
describe_stream (GtkWidget *view, WeftlineExport *export)
{
  export->view = WEFTLINE_EXPORT_STREAM;
  weftline_task_stream_get_range (WEFTLINE_TASK_STREAM (view), &export->from_ns, &export->to_ns);
}

static void
describe_graph (GtkWidget *view, WeftlineExport *export)
{
  export->view = WEFTLINE_EXPORT_GRAPH;
  export->viewport = weftline_task_graph_get_viewport (WEFTLINE_TASK_GRAPH (view));
  export->dot = weftline_task_graph_get_dot (WEFTLINE_TASK_GRAPH (view));
  export->has_value = weftline_task_graph_get_value (WEFTLINE_TASK_GRAPH (view), &export->value);
}

/* The card's margins, of which a picture has one above too. What is hidden has no size. */
static void
add_margins (WeftlineExport *export)
{
  if (export->width > 0)
    export->width += 2 * MARGIN;
  if (export->height > 0)
    export->height += 2 * MARGIN;
}

/* With all groups, whatever is scrolled into view. */
static void
describe_progress (GtkWidget *view, WeftlineExport *export)
{
  export->view = WEFTLINE_EXPORT_PROGRESS;
  export->sort = weftline_progress_view_get_sort (WEFTLINE_PROGRESS_VIEW (view));
  add_margins (export);
  export->height = 0;
}

static void
describe_memory (GtkWidget *view G_GNUC_UNUSED, WeftlineExport *export)
{
  export->view = WEFTLINE_EXPORT_MEMORY;
  add_margins (export);
}

static void
describe_held (GtkWidget *view G_GNUC_UNUSED, WeftlineExport *export)
{
  export->view = WEFTLINE_EXPORT_HELD;
  add_margins (export);
}

/* With all workers. The moment is told apart. */
static void
describe_where (GtkWidget *view, WeftlineExport *export)
{
  export->view = WEFTLINE_EXPORT_WHERE;
  weftline_where_view_get_range (WEFTLINE_WHERE_VIEW (view), &export->from_ns, &export->to_ns);
  add_margins (export);
  export->height = 0;
}

static void
describe_resources (GtkWidget *view G_GNUC_UNUSED, WeftlineExport *export)
{
  export->view = WEFTLINE_EXPORT_RESOURCES;
  add_margins (export);
}

/* With all groups. */
static void
describe_transfers (GtkWidget *view, WeftlineExport *export)
{
  WeftlineTransferView *transfers = WEFTLINE_TRANSFER_VIEW (view);

  export->view = WEFTLINE_EXPORT_TRANSFERS;
  export->by_rate = weftline_transfer_view_get_measure (transfers) == WEFTLINE_TRANSFER_BY_RATE;
  weftline_transfer_view_get_range (transfers, &export->from_ns, &export->to_ns);
  add_margins (export);
  export->height = 0;
}

/* With all workers. */
static void
describe_occupancy (GtkWidget *view, WeftlineExport *export)
{
  const WeftlineOccupancyLayout *layout =
      weftline_occupancy_view_layout (WEFTLINE_OCCUPANCY_VIEW (view));

  export->view = WEFTLINE_EXPORT_OCCUPANCY;
  export->from_ns = layout->t0_ns;
  export->to_ns = layout->t1_ns;
  add_margins (export);
  export->height = 0;
}

/* With all workers. */
static void
describe_workers (GtkWidget *view G_GNUC_UNUSED, WeftlineExport *export)
{
  export->view = WEFTLINE_EXPORT_WORKERS;
  add_margins (export);
  export->height = 0;
}

/* With all columns and rows, whatever is scrolled into view. */
static void
describe_table (GtkWidget *view G_GNUC_UNUSED, WeftlineExport *export)
{
  export->view = WEFTLINE_EXPORT_TABLE;
  export->width = export->height = 0;
}

static void
describe_inspector (GtkWidget *view G_GNUC_UNUSED, WeftlineExport *export)
{
  export->view = WEFTLINE_EXPORT_INSPECTOR;
  export->height = 0;
}

/* The page that is seen. */
static void
describe_events (GtkWidget *view, WeftlineExport *export)
{
  WeftlineEventView *events = WEFTLINE_EVENT_VIEW (view);
  const WeftlineEventFilter *filter =
      weftline_event_list_filter (weftline_event_view_list (events));

  export->view =
      weftline_event_view_shows_output (events) ? WEFTLINE_EXPORT_OUTPUT : WEFTLINE_EXPORT_EVENTS;
  /* of a kind that is not there, there are none */
  export->kinds = filter->kinds != 0 ? filter->kinds : 1u << WEFTLINE_EVENT_N_KINDS;
  export->n_levels = filter->n_levels;
  export->worker = filter->worker;
  export->height = 0;
}

static void
describe_run (GtkWidget *view G_GNUC_UNUSED, WeftlineExport *export)
{
  export->view = WEFTLINE_EXPORT_RUN;
  export->height = 0;
}

static void
describe_results (GtkWidget *view G_GNUC_UNUSED, WeftlineExport *export)
{
  export->view = WEFTLINE_EXPORT_RESULTS;
  export->height = 0;
}

/* ---- the cards ------------------------------------------------------------------------------- */

static const CardKind cards[] = {
  { "stream", N_ ("Task stream"), weftline_task_stream_new, HAIRLINE, describe_stream, AS_WAS },
  { "graph", N_ ("Task graph"), weftline_task_graph_new, HAIRLINE, describe_graph, AS_WAS },
  { "progress", N_ ("Progress"), weftline_progress_view_new, MARGIN, describe_progress, AS_WAS },
  { "memory", N_ ("Memory"), weftline_memory_view_new, MARGIN, describe_memory, AS_WAS },
  { "held", N_ ("Held in memory"), weftline_held_view_new, MARGIN, describe_held, LINE },
  { "where", N_ ("Where the time goes"), weftline_where_view_new, MARGIN, describe_where, PART },
  { "table", N_ ("Tasks"), weftline_task_table_new, HAIRLINE, describe_table, AS_WAS },
  { "occupancy", N_ ("Occupancy"), weftline_occupancy_view_new, MARGIN, describe_occupancy, LINE },
  { "workers", N_ ("Workers"), weftline_workers_view_new, MARGIN, describe_workers, AS_WAS },
  { "inspector", N_ ("Inspector"), weftline_inspect_view_new, HAIRLINE, describe_inspector,
    AS_WAS },
  { "events", N_ ("Event log"), weftline_event_view_new, HAIRLINE, describe_events, AS_WAS },
  { "resources", N_ ("CPU, memory and I/O"), weftline_resource_view_new, MARGIN, describe_resources,
    LINE },
  { "transfers", N_ ("Transfers"), weftline_transfer_view_new, MARGIN, describe_transfers, PART },
  { "run", N_ ("This run"), make_figures, 0, describe_run, AS_WAS },
  { "results", N_ ("Results"), make_results, 0, describe_results, AS_WAS },
};

static const WeftlineLayoutKind kinds[] = {
  { "status", N_ ("Dashboard"),
    "h(22 v(31 memory v(38 occupancy v(52 where run)))"
    " v(52 stream h(27 progress h(54 graph v(46 held v(60 events v(60 results resources)))))))",
    "run", FALSE },
  { "graph", N_ ("Graph"), "h(76 graph v(55 inspector v(50 progress run)))", "graph", FALSE },
  { "teaching", N_ ("Learn"), "h(55 graph v(40 stream h(55 inspector v(50 run results))))", "graph",
    FALSE },
  { "tasks", N_ ("Tasks"), "h(76 v(68 table occupancy) inspector)", "table", FALSE },
  { "cluster", N_ ("Cluster"),
    "v(34 workers h(68 v(58 stream h(56 transfers events)) v(50 memory progress)))", "workers",
    TRUE },
};

unsigned
weftline_layout_kinds_n (void)
{
  return G_N_ELEMENTS (kinds);
}

void
weftline_layout_kinds_get (unsigned index, WeftlineLayoutKind *kind)
{
  *kind = kinds[index];
  kind->title = _ (kind->title);
}

gboolean
weftline_layout_kinds_find (const char *name, WeftlineLayoutKind *kind)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (kinds[i].name, name))
      {
        weftline_layout_kinds_get (i, kind);
        return TRUE;
      }
  return FALSE;
}

static void
figures_cb (WeftlineCard *card)
{
  g_autofree char *figures = NULL;

  g_object_get (weftline_card_child (card), "figures", &figures, NULL);
  weftline_card_set_figures (card, figures);
}

/* Views with a property of that name have them shown in the card's head. */
static void
follow_figures (WeftlineCard *card)
{
  GtkWidget *view = weftline_card_child (card);

  if (g_object_class_find_property (G_OBJECT_GET_CLASS (view), "figures") == NULL)
    return;
  g_signal_connect_object (view, "notify::figures", G_CALLBACK (figures_cb), card,
                           G_CONNECT_SWAPPED);
  figures_cb (card);
}

/* ---- the past -------------------------------------------------------------------------------- */

static CardTime
time_of (const char *name)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (cards); i++)
    if (g_str_equal (cards[i].name, name))
      return cards[i].time;
  return AS_WAS;
}

/* (transfer full) */
static char *
moment_text (WeftlineSession *session, int64_t at_ns)
{
  return weftline_format_moment (at_ns, weftline_session_look (session)->time_form,
                                 weft_model_wall_ns (weftline_session_model (session)));
}

/* The card is of the time that is selected, as far as that had gone by. */
static void
tell_range (WeftlineSession *session, WeftlineCard *card)
{
  const WeftlineSelection *selection = weftline_session_selection (session);
  g_autofree char *as_of = weftline_session_dup_time_text (session);
  g_autofree char *from = moment_text (session, selection->from_ns);
  g_autofree char *to = moment_text (session, selection->to_ns);
  /* Translators: from a moment to another */
  g_autofree char *words = g_strdup_printf (_ ("Of the selected time, from %s to %s"), from, to);
  g_autofree char *both = g_strdup_printf ("%s, %s", words, as_of);

  /* how long it is stands in the card */
  weftline_card_set_time (card, _ ("selected time"), as_of[0] != '\0' ? both : words);
}

/* Each card says what it shows. */
static void
time_cb (WeftlineSession *session, WeftlineCard *card)
{
  const WeftlineSelection *selection = weftline_session_selection (session);
  int64_t at_ns = weftline_session_time (session);
  CardTime time = time_of (weftline_card_name (card));
  g_autofree char *as_of = weftline_session_dup_time_text (session);
  g_autofree char *at = NULL;

  if (weftline_session_model (session) == NULL)
    weftline_card_set_time (card, NULL, NULL);
  else if (time == PART && selection->to_ns > selection->from_ns)
    tell_range (session, card);
  else if (at_ns == WEFTLINE_NOW)
    weftline_card_set_time (card, NULL, NULL);
  else
    {
      at = moment_text (session, at_ns);
      weftline_card_set_time (card, at, time == LINE ? _ ("A line stands at that time") : as_of);
    }
}

static void
follow_time (WeftlineCard *card, WeftlineSession *session)
{
  g_signal_connect_object (session, "time-changed", G_CALLBACK (time_cb), card, 0);
  g_signal_connect_object (session, "look-changed", G_CALLBACK (time_cb), card, 0);
  if (time_of (weftline_card_name (card)) == PART)
    g_signal_connect_object (session, "selection-changed", G_CALLBACK (time_cb), card, 0);
  time_cb (session, card);
}

static void
set_margin (GtkWidget *view, int margin)
{
  gtk_widget_set_margin_start (view, margin);
  gtk_widget_set_margin_end (view, margin);
  gtk_widget_set_margin_bottom (view, margin);
}

void
weftline_cards_add (WeftlineDock *dock, WeftlineSession *session)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (cards); i++)
    {
      GtkWidget *view = cards[i].make (session);
      WeftlineCard *card =
          weftline_card_new (cards[i].name, _ (cards[i].title), view, cards[i].margin == MARGIN);

      if (cards[i].margin > 0)
        set_margin (view, cards[i].margin);
      follow_figures (card);
      follow_time (card, session);
      weftline_card_menus_add (card, session);
      weftline_dock_add (dock, card);
    }
}

gboolean
weftline_cards_describe (WeftlineCard *card, WeftlineExport *export)
{
  GtkWidget *view = weftline_card_child (card);

  for (unsigned i = 0; i < G_N_ELEMENTS (cards); i++)
    if (g_str_equal (cards[i].name, weftline_card_name (card)))
      {
        export->dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
        export->rtl = gtk_widget_get_direction (view) == GTK_TEXT_DIR_RTL;
        export->width = gtk_widget_get_width (view);
        export->height = gtk_widget_get_height (view);
        cards[i].describe (view, export);
        return TRUE;
      }
  return FALSE;
}

gboolean
weftline_cards_exist (const char *name)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (cards); i++)
    if (g_str_equal (cards[i].name, name))
      return TRUE;
  return FALSE;
}
