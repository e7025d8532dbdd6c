/* dagman-build.c: from the nodes of a DAGMan file to tasks
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graph/weft-dagman-private.h"

/* ---- metadata -------------------------------------------------------------------------------- */

/* "name": value, with a comma before all but the first. */
static void
append_member (GString *json, const char *name)
{
  g_string_append_printf (json, "%s\"%s\": ", json->len > 1 ? ", " : "", name);
}

static void
append_text (GString *json, const char *name, const WeftDagText *text)
{
  if (text->chars == NULL)
    return;
  append_member (json, name);
  _weft_read_append_json (json, text->chars, text->n);
}

static void
append_vars (GString *json, const WeftDag *dag, const WeftDagNode *node)
{
  const char *all = dag->all.vars != NULL ? dag->all.vars->str : "";
  const char *own = node->vars != NULL ? node->vars->str : "";

  if (*all == 0 && *own == 0)
    return;
  append_member (json, "vars");
  g_string_append_printf (json, "{%s%s%s}", all, *all != 0 && *own != 0 ? ", " : "", own);
}

/* (transfer full) (nullable) */
static char *
node_metadata (const WeftDag *dag, const WeftDagNode *node)
{
  GString *json = g_string_new ("{");

  append_text (json, "submit", &node->submit);
  append_text (json, "dir", &node->dir);
  append_vars (json, dag, node);
  if (node->is_noop)
    {
      append_member (json, "noop");
      g_string_append (json, "true");
    }
  if (node->is_done || dag->all.is_done)
    {
      append_member (json, "done");
      g_string_append (json, "true");
    }
  g_string_append_c (json, '}');
  return g_string_free (json, json->len == 2);
}

static void
set_graph_metadata (const WeftDag *dag, WeftGraphBuilder *builder)
{
  g_autoptr (GString) json = g_string_new ("{");
  uint32_t n_limits = 0;

  for (uint32_t i = 0; i < dag->categories.n; i++)
    if (dag->max_jobs[i] >= 0)
      {
        size_t n;
        const char *name = _weft_intern_get (&dag->categories, i, &n);

        g_string_append (json, n_limits++ == 0 ? "\"resources\": {" : ", ");
        _weft_read_append_json (json, name, n);
        g_string_append_printf (json, ": %" G_GINT64_FORMAT, dag->max_jobs[i]);
      }
  if (n_limits > 0)
    g_string_append_c (json, '}');
  for (size_t i = 0; i < dag->n_ignored; i++)
    {
      const WeftDagIgnored *ignored = &dag->ignored[i];

      if (i == 0)
        append_member (json, "ignored");
      g_string_append_printf (json, "%s{\"command\": \"%s\", \"line\": %u, \"count\": %u}",
                              i == 0 ? "[" : ", ", ignored->command, ignored->place.line,
                              ignored->n);
    }
  if (dag->n_ignored > 0)
    g_string_append_c (json, ']');
  g_string_append_c (json, '}');
  if (json->len > 2)
    weft_graph_builder_set_metadata (builder, json->str);
}

/* People are told what is left out, each command once. */
static void
note_ignored (const WeftDag *dag, WeftGraphBuilder *builder)
{
  for (size_t i = 0; i < dag->n_ignored; i++)
    {
      const WeftDagIgnored *ignored = &dag->ignored[i];
      WeftLocation where = { .file = dag->file,
                             .line = ignored->place.line,
                             .column = ignored->place.column };
      g_autofree char *times = ignored->n > 1 ? g_strdup_printf (" (%u times)", ignored->n) : NULL;

      _weft_graph_builder_note (builder, &where, "%s is not supported and was left out%s: %s",
                                ignored->command, times != NULL ? times : "", ignored->without);
    }
}

/* ---- tasks ----------------------------------------------------------------------------------- */

static void
set_attributes (const WeftDag *dag, WeftGraphBuilder *builder, uint32_t task,
                const WeftDagNode *node)
{
  const WeftDagNode *retries = node->has_retries || node->is_final ? node : &dag->all;
  const WeftDagNode *priority = node->has_priority || node->is_final ? node : &dag->all;
  uint32_t category = node->category != WEFT_NONE ? node->category : dag->all.category;
  g_autofree char *metadata = node_metadata (dag, node);
  WeftResourceNeed need = { .amount = 1 };
  WeftTaskAttributes attributes = { .label = WEFT_NONE,
                                    .retries = retries->retries,
                                    .priority = priority->priority,
                                    .metadata = metadata };
  g_autofree char *name = NULL;
  size_t n;

  if (category != WEFT_NONE)
    {
      const char *chars = _weft_intern_get (&dag->categories, category, &n);

      name = g_strndup (chars, n);
      weft_graph_builder_set_group (builder, task, name);
      need.name = weft_graph_builder_string (builder, name);
      attributes.resources = &need;
      attributes.n_resources = dag->max_jobs[category] >= 0;
    }
  weft_graph_builder_set_attributes (builder, task, &attributes);
  if (node->is_noop || node->is_done || dag->all.is_done)
    weft_graph_builder_set_hints (builder, task, 0, NULL, 0, WEFT_NONE);
}

static WeftLocation
place_of (const WeftDag *dag, uint32_t node)
{
  return (WeftLocation){ .file = dag->file,
                         .line = dag->nodes[node].place.line,
                         .column = dag->nodes[node].place.column };
}

/* All nodes by number, so that numbers are builder ids; those nobody defines are left as mentioned.
 * */
static void
mention_nodes (const WeftDag *dag, WeftGraphBuilder *builder)
{
  for (uint32_t i = 0; i < dag->n_nodes; i++)
    {
      WeftLocation where = place_of (dag, i);
      size_t n;
      const char *key = _weft_intern_get (&dag->names, i, &n);

      weft_graph_builder_set_location (builder, &where);
      weft_graph_builder_mention (builder, key, (gssize) n);
    }
}

/* The final node comes after all that nothing else comes after. */
static void
add_final_edges (WeftDag *dag)
{
  g_autofree bool *has_child = g_new0 (bool, (size_t) dag->n_nodes + 1);

  if (dag->final == WEFT_NONE)
    return;
  for (size_t i = 0; i < dag->edges.n; i++)
    has_child[dag->edges.edges[i].from] = true;
  for (uint32_t i = 0; i < dag->n_nodes; i++)
    if (!has_child[i] && i != dag->final && dag->nodes[i].is_defined)
      {
        WeftReadEdge edge = {
          .task = dag->final, .from = i, .output = WEFT_NONE, .place = dag->nodes[dag->final].place
        };

        _weft_edge_list_add (&dag->edges, &edge);
      }
}

void
_weft_dag_build (WeftDag *dag, WeftGraphBuilder *builder)
{
  WeftLocation start = { .file = dag->file, .line = 1, .column = 1 };

  _weft_graph_builder_set_file (builder, dag->file);
  weft_graph_builder_set_location (builder, &start);
  mention_nodes (dag, builder);
  set_graph_metadata (dag, builder);
  note_ignored (dag, builder);
  add_final_edges (dag);
  _weft_edge_list_sort (&dag->edges, dag->n_nodes);
  for (uint32_t i = 0; i < dag->n_nodes; i++)
    {
      WeftLocation where = place_of (dag, i);
      size_t n;
      const char *key = _weft_intern_get (&dag->names, i, &n);

      if (!dag->nodes[i].is_defined)
        continue;
      _weft_read_add_task (builder, &dag->edges, i, key, n, 1, &where);
      set_attributes (dag, builder, i, &dag->nodes[i]);
    }
  _weft_graph_builder_want_sinks (builder);
}
