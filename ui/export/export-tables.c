/* export-tables.c: tables drawn without a window: tasks, and what happened
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "export/export-private.h"

#include "events/event-index.h"
#include "graph/graph-links.h"
#include "table/task-words.h"

#include <glib/gi18n.h>

#define MAX_DEFAULT_WIDTH 2400
#define EVENTS_WIDTH 900

/* ---- what all sheets have -------------------------------------------------------------------- */

static void
take_colors (ExportSheet *sheet, const WeftModel *model, uint32_t n_groups)
{
  WeftlineGroupColors *slots = weftline_group_colors_new ();

  for (uint32_t i = 0; i < n_groups; i++)
    {
      WeftModelGroup info;
      uint32_t color;

      weft_model_group (model, i, &info);
      color = weftline_palette_group (sheet->look.palette, info.name,
                                      weftline_group_colors_add (slots, info.name));
      g_array_append_val (sheet->colors, color);
    }
  weftline_group_colors_free (slots);
}

void
weftline_export_table_init (WeftlineExportTable *table, const WeftlineTaskRows *rows,
                            const WeftlineTaskQuery *query, uint32_t in_sight)
{
  uint32_t first = in_sight != WEFT_NONE ? weftline_task_rows_find (rows, in_sight) : WEFT_NONE;

  *table = (WeftlineExportTable){ .rows = rows->tasks,
                                  .n_rows = rows->n,
                                  .first = first != WEFT_NONE ? first : 0,
                                  .column = query->column,
                                  .descending = query->descending };
}

void
_weftline_export_sheet_init (ExportSheet *sheet, const WeftlineExport *export, WeftModel *model,
                             const WeftModelSnapshot *snapshot)
{
  *sheet = (ExportSheet){
    .look = { .palette = _weftline_export_palette (export),
              .text = weftline_sheet_text_new (_weftline_export_font (export)),
              .rtl = export->rtl,
              .title = _weftline_export_view_title (export) },
    .moment = weftline_export_moment (export, model, snapshot),
    .colors = g_array_new (FALSE, FALSE, sizeof (uint32_t)),
  };
  if (export->has_time && model != NULL)
    sheet->time =
        weftline_format_moment (export->at_ns, export->time_form, weft_model_wall_ns (model));
  sheet->look.time = sheet->time;
  if (model != NULL)
    take_colors (sheet, model, snapshot->n_groups);
}

void
_weftline_export_sheet_clear (ExportSheet *sheet)
{
  weftline_sheet_text_free (sheet->look.text);
  weft_moment_unref (sheet->moment);
  g_array_unref (sheet->colors);
  g_free (sheet->time);
}

uint32_t
_weftline_export_sheet_color (const ExportSheet *sheet, const WeftModel *model, uint32_t task)
{
  uint32_t group = weft_model_task_group (model, task);

  return group < sheet->colors->len ? g_array_index (sheet->colors, uint32_t, group)
                                    : sheet->look.palette->slots[WEFTLINE_SLOT_OTHER];
}

/* ---- tasks ----------------------------------------------------------------------------------- */

typedef struct
{
  ExportSheet sheet;
  const WeftlineExport *export;
  WeftlineTaskSource source;
  WeftlineLinks *links;    /* (nullable) */
  WeftlineTaskSet *marked; /* (nullable): what stands out */
  WeftlineSheetTitle titles[WEFTLINE_TASK_N_COLUMNS];
  WeftlineSheetTable table;
  uint32_t selected;
  char *figures;
} Tasks;

static uint32_t
task_at (const Tasks *tasks, uint32_t row)
{
  const WeftlineExportTable *table = tasks->export->table;

  return table != NULL && table->rows != NULL ? table->rows[row] : row;
}

static void
fill_task (void *data, uint32_t row, unsigned column, WeftlineSheetCell *cell)
{
  const Tasks *tasks = data;
  uint32_t task = task_at (tasks, row);

  if (task >= tasks->source.snapshot.n_tasks)
    return;
  cell->text = weftline_task_text (&tasks->source, task, (WeftlineTaskColumn) column,
                                   tasks->export->time_form);
  if (column != WEFTLINE_TASK_STATE)
    return;
  cell->has_form = true;
  cell->state = weftline_task_state (&tasks->source, task);
  cell->color = _weftline_export_sheet_color (&tasks->sheet, tasks->source.model, task);
}

static bool
is_selected (void *data, uint32_t row)
{
  const Tasks *tasks = data;

  return task_at (tasks, row) == tasks->selected;
}

static bool
is_veiled (void *data, uint32_t row)
{
  const Tasks *tasks = data;
  uint32_t task = task_at (tasks, row);

  return task >= tasks->marked->n_tasks || !weftline_task_set_has (tasks->marked, task);
}

static void
take_tasks (Tasks *tasks, WeftModel *model, const WeftModelSnapshot *snapshot)
{
  const WeftlineExport *export = tasks->export;

  if (model == NULL)
    return;
  tasks->links = weftline_links_new (model, snapshot);
  weftline_task_source_take (&tasks->source, model, snapshot, tasks->sheet.moment, tasks->links);
  tasks->table.n_rows = tasks->source.snapshot.n_tasks;
  if (_weftline_export_has_task (export, model, snapshot))
    tasks->selected = export->task;
  if (tasks->selected == WEFT_NONE || export->lineage == WEFTLINE_LINEAGE_NONE)
    return;
  tasks->marked = weftline_links_lineage (tasks->links, export->task, export->lineage);
  tasks->table.veiled = is_veiled;
}

/* Which rows, and in what order. */
static void
take_rows (Tasks *tasks)
{
  const WeftlineExportTable *wanted = tasks->export->table;

  tasks->table.sorted = WEFTLINE_TASK_N_COLUMNS;
  if (wanted == NULL)
    return;
  if (wanted->rows != NULL)
    tasks->table.n_rows = wanted->n_rows;
  tasks->table.first = wanted->first;
  tasks->table.sorted = wanted->column;
  tasks->table.descending = wanted->descending;
}

static void
take_titles (Tasks *tasks)
{
  for (unsigned i = 0; i < WEFTLINE_TASK_N_COLUMNS; i++)
    {
      WeftlineTaskColumn column = (WeftlineTaskColumn) i;
      unsigned natural;

      tasks->titles[i] = (WeftlineSheetTitle){ .title = weftline_task_column_title (column),
                                               .is_number = weftline_task_column_is_number (column),
                                               .grows = column == WEFTLINE_TASK_KEY };
      weftline_task_column_chars (column, &tasks->titles[i].least, &natural);
    }
}

static void
tasks_init (Tasks *tasks, const WeftlineExport *export, WeftModel *model,
            const WeftModelSnapshot *snapshot)
{
  *tasks = (Tasks){ .export = export,
                    .selected = WEFT_NONE,
                    .table = { .n_titles = WEFTLINE_TASK_N_COLUMNS,
                               .has_head = true,
                               .fill = fill_task,
                               .selected = is_selected,
                               .data = tasks } };
  _weftline_export_sheet_init (&tasks->sheet, export, model, snapshot);
  weftline_task_source_init (&tasks->source);
  tasks->table.titles = tasks->titles;
  take_titles (tasks);
  take_tasks (tasks, model, snapshot);
  take_rows (tasks);
  tasks->figures = weftline_task_count_text (tasks->table.n_rows, tasks->source.snapshot.n_tasks);
  tasks->sheet.look.figures = tasks->figures;
  tasks->sheet.look.empty =
      tasks->source.snapshot.n_tasks == 0 ? _ ("No tasks yet") : _ ("No task is like that");
}

static void
tasks_clear (Tasks *tasks)
{
  weftline_task_source_clear (&tasks->source);
  weftline_links_free (tasks->links);
  g_clear_pointer (&tasks->marked, weftline_task_set_free);
  _weftline_export_sheet_clear (&tasks->sheet);
  g_free (tasks->figures);
}

void
_weftline_export_measure_table (const WeftlineExport *export, WeftModel *model,
                                const WeftModelSnapshot *snapshot, int *width, int *height)
{
  Tasks tasks;

  tasks_init (&tasks, export, model, snapshot);
  weftline_sheet_table_size (&tasks.sheet.look, &tasks.table, EXPORT_MAX_DEFAULT_HEIGHT, width,
                             height);
  *width = MIN (*width, MAX_DEFAULT_WIDTH);
  tasks_clear (&tasks);
}

void
_weftline_export_draw_table (const WeftlineExport *export, WeftModel *model,
                             const WeftModelSnapshot *snapshot, cairo_t *cr, int width, int height,
                             bool as_shapes G_GNUC_UNUSED)
{
  Tasks tasks;

  tasks_init (&tasks, export, model, snapshot);
  weftline_sheet_table_paint (&tasks.sheet.look, &tasks.table, cr, width, height);
  tasks_clear (&tasks);
}

/* ---- what happened --------------------------------------------------------------------------- */

typedef struct
{
  ExportSheet sheet;
  const WeftlineExport *export;
  const WeftModel *model;
  WeftlineEventIndex *index; /* (nullable) */
  WeftlineSheetTable table;
  char *figures;
} Events;

static void
fill_event (void *data, uint32_t row, unsigned column, WeftlineSheetCell *cell)
{
  const Events *events = data;
  const WeftlineEvent *event = weftline_event_index_get (events->index, row);

  if (column == 0)
    {
      cell->tone = WEFTLINE_SHEET_DIM;
      cell->text = weftline_format_moment (event->at_ns, events->export->time_form,
                                           weft_model_wall_ns (events->model));
      return;
    }
  cell->text = weftline_event_dup_text (events->model, event);
  if (event->kind == WEFTLINE_EVENT_ERROR)
    cell->tone = WEFTLINE_SHEET_ERROR;
}

/* Where not all find room the last are shown, as in the window. */
static void
events_init (Events *events, const WeftlineExport *export, WeftModel *model,
             const WeftModelSnapshot *snapshot)
{
  static const WeftlineSheetTitle titles[] = { { .title = "", .is_number = true, .least = 5 },
                                               { .title = "", .grows = true, .least = 10 } };
  uint32_t n_all = 0;

  *events = (Events){ .export = export,
                      .model = model,
                      .table = { .titles = titles,
                                 .n_titles = G_N_ELEMENTS (titles),
                                 .sorted = G_N_ELEMENTS (titles),
                                 .first = UINT32_MAX,
                                 .fill = fill_event,
                                 .data = events } };
  _weftline_export_sheet_init (&events->sheet, export, model, snapshot);
  if (model != NULL)
    {
      events->index = weftline_event_index_new (model);
      weftline_event_index_set_filter (
          events->index,
          &(WeftlineEventFilter){ .kinds = export->kinds != 0 ? export->kinds
                                                              : WEFTLINE_EVENT_FIRST_KINDS,
                                  .n_levels = export->n_levels,
                                  .worker = export->worker });
      while (weftline_event_index_update (events->index, snapshot->n_lanes, UINT64_MAX))
        ;
      n_all = weftline_event_index_n_until (events->index, _weftline_export_at (export));
      events->table.n_rows =
          weftline_event_index_n_shown_until (events->index, _weftline_export_at (export));
    }
  events->figures = weftline_event_count_text (events->table.n_rows, n_all);
  events->sheet.look.figures = events->figures;
}

static void
events_clear (Events *events)
{
  g_clear_pointer (&events->index, weftline_event_index_free);
  _weftline_export_sheet_clear (&events->sheet);
  g_free (events->figures);
}

void
_weftline_export_measure_events (const WeftlineExport *export, WeftModel *model,
                                 const WeftModelSnapshot *snapshot, int *width, int *height)
{
  Events events;
  int needed;

  events_init (&events, export, model, snapshot);
  weftline_sheet_table_size (&events.sheet.look, &events.table, EXPORT_MAX_DEFAULT_HEIGHT, &needed,
                             height);
  *width = EVENTS_WIDTH;
  events_clear (&events);
}

void
_weftline_export_draw_events (const WeftlineExport *export, WeftModel *model,
                              const WeftModelSnapshot *snapshot, cairo_t *cr, int width, int height,
                              bool as_shapes G_GNUC_UNUSED)
{
  Events events;

  events_init (&events, export, model, snapshot);
  weftline_sheet_table_paint (&events.sheet.look, &events.table, cr, width, height);
  events_clear (&events);
}
