/* read-dot.c: reads Graphviz DOT
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A node is a task, and an edge a -> b says that b needs a, as ninja, Snakemake and most others
 * draw it. Subgraphs and clusters are ways to write several nodes; several edges between two nodes
 * are one.
 *
 *   label         of a node becomes the task's label; escapes as in Graphviz (\n, \l, \r, \N, \G).
 *                 The group is the label's first line, split as keys are; HTML labels are left out
 *   group         of a node: the task's group, before the label's
 *   weft_runtime  of a node: seconds
 *   weft_bytes    of a node: size of the result, or of several outputs: “10,20,?” (? unknown)
 *   weft_machine  of a node: where it ran
 *   weft_output   of an edge: which output of the first task is read, from 0
 *   weft_after    of an edge: “true”: order only
 *
 * All other attributes (colours, ranks, ports …) are about the drawing and ignored.
 *
 * The grammar is checked first (dot-check.c), then libcgraph reads. libcgraph keeps state of its
 * own in global variables (scanner, error handler), so one thread at a time is in it, behind a
 * lock: the only one of the library that is global, and nothing but this file can wait for it. What
 * a program does with libcgraph elsewhere must not run at the same time. libcgraph's messages are
 * caught and become part of the error.
 */
#include "config.h"

#include "base/weft-grow-private.h"
#include "graph/weft-dot-private.h"
#include "graph/weft-keys-private.h"
#include "graph/weft-read-edges-private.h"

#include <graphviz/cgraph.h>
#include <math.h>
#include <pthread.h>
#include <string.h>

#define MAX_RUNTIME_S 9.2e9
#define MAX_OUTPUTS 65535

static pthread_mutex_t cgraph_lock = PTHREAD_MUTEX_INITIALIZER;
static GString *cgraph_messages; /* lock: cgraph_lock */

/* Attributes the file declares; NULL for the others. */
typedef struct
{
  Agsym_t *label, *group, *runtime, *bytes, *machine;
  Agsym_t *output, *after;
} Symbols;

typedef struct
{
  const char *file;
  WeftGraphBuilder *builder;
  Agraph_t *graph;
  Symbols symbols;
  WeftDotPlaces places;
  Agnode_t **nodes; /* n_nodes, in order of appearance */
  uint32_t n_nodes;
  uint32_t *index_of_seq; /* libcgraph's number of a node → ours */
  size_t n_seq;
  WeftEdgeList edges;
  uint64_t *bytes; /* of the outputs of the node being read */
  size_t n_bytes, bytes_room;
} Reader;

/* ---- libcgraph ------------------------------------------------------------------------------- */

static int
message_cb (char *text)
{
  g_string_append (cgraph_messages, text);
  return 0;
}

/* @text: 0-terminated. @messages: what libcgraph had to say.
 *
 * A graph that comes with an error is only what was read up to there, so it is none. */
static Agraph_t *
parse (const char *text, GString *messages)
{
  agusererrf handler = agseterrf (message_cb);
  agerrlevel_t level = agseterr (AGWARN);
  Agraph_t *graph;

  cgraph_messages = messages;
  agsetfile (NULL);
  agreadline (1);
  agreseterrors ();
  graph = agmemread (text);
  if (agreseterrors () >= AGERR)
    g_clear_pointer (&graph, agclose);
  agseterr (level);
  agseterrf (handler);
  cgraph_messages = NULL;
  return graph;
}

static bool
fail_parse (Reader *r, const GString *messages, GError **error)
{
  WeftLocation where = { .file = r->file };
  g_autofree char *text = g_strdelimit (g_strdup (messages->str), "\n", ' ');
  const char *line = strstr (text, " in line ");

  if (line != NULL)
    where.line = (uint32_t) g_ascii_strtoull (line + strlen (" in line "), NULL, 10);
  return _weft_graph_set_error (error, WEFT_GRAPH_ERROR_SYNTAX, &where,
                                "the Graphviz library cannot read this file: %s",
                                g_strstrip (text));
}

/* ---- attributes ------------------------------------------------------------------------------ */

/* libcgraph takes names as char * and does not write to them. */
static Agsym_t *
find_symbol (Reader *r, int kind, const char *name)
{
  return agattr (r->graph, kind, (char *) name, NULL);
}

static void
find_symbols (Reader *r)
{
  Symbols *s = &r->symbols;

  s->label = find_symbol (r, AGNODE, "label");
  s->group = find_symbol (r, AGNODE, "group");
  s->runtime = find_symbol (r, AGNODE, "weft_runtime");
  s->bytes = find_symbol (r, AGNODE, "weft_bytes");
  s->machine = find_symbol (r, AGNODE, "weft_machine");
  s->output = find_symbol (r, AGEDGE, "weft_output");
  s->after = find_symbol (r, AGEDGE, "weft_after");
}

/* Returns: "" for none */
static const char *
value_of (void *object, Agsym_t *symbol)
{
  const char *value = symbol != NULL ? agxget (object, symbol) : NULL;

  return value != NULL ? value : "";
}

static WeftLocation
place_of (const Reader *r, Agnode_t *node)
{
  WeftLocation where = { .file = r->file };
  const char *name = agnameof (node);
  uint32_t id = _weft_intern_find (&r->places.names, name, strlen (name));

  if (id != WEFT_NONE)
    {
      where.line = r->places.places[id].line;
      where.column = r->places.places[id].column;
    }
  return where;
}

static bool
fail_value (Reader *r, Agnode_t *node, const char *attribute, const char *value,
            const char *expected, GError **error)
{
  WeftLocation where = place_of (r, node);
  const char *name = agnameof (node);
  g_autofree char *key = _weft_quote (name, strlen (name));
  g_autofree char *found = _weft_quote (value, strlen (value));

  return _weft_graph_set_error (error, WEFT_GRAPH_ERROR_FORMAT, &where,
                                "found %s %s at the node %s, expected %s", attribute, found, key,
                                expected);
}

static bool
read_runtime (Reader *r, Agnode_t *node, int64_t *runtime_ns, GError **error)
{
  const char *text = value_of (node, r->symbols.runtime);
  char *end;
  double seconds = g_ascii_strtod (text, &end);

  *runtime_ns = -1;
  if (*text == 0)
    return true;
  if (*end != 0 || !(seconds >= 0 && seconds <= MAX_RUNTIME_S))
    return fail_value (r, node, "weft_runtime", text, "seconds from 0 to 9.2e9", error);
  *runtime_ns = llround (seconds * 1e9);
  return true;
}

/* A whole number up to @max at *text, which is moved past it. */
static bool
read_number (const char **text, uint64_t max, uint64_t *number)
{
  char *end;

  if (!g_ascii_isdigit (**text))
    return false;
  *number = g_ascii_strtoull (*text, &end, 10);
  *text = end;
  return *number <= max;
}

/* Into r->bytes; without the attribute one output of unknown size. */
static bool
read_bytes (Reader *r, Agnode_t *node, GError **error)
{
  const char *text = value_of (node, r->symbols.bytes);
  const char *at = text;
  bool ok = true;

  r->n_bytes = 0;
  do
    {
      uint64_t number = UINT64_MAX;

      at += *at == ',';
      if (*at == '?')
        at++;
      else if (*text != 0)
        ok = read_number (&at, INT64_MAX, &number);
      _weft_grow_array (r->bytes, r->bytes_room, r->n_bytes + 1);
      r->bytes[r->n_bytes++] = number;
    }
  while (ok && *at == ',' && r->n_bytes < MAX_OUTPUTS);
  if (ok && *at == 0)
    return true;
  return fail_value (r, node, "weft_bytes", text,
                     "numbers of bytes, at most 9223372036854775807, with commas between them, “?” "
                     "for unknown",
                     error);
}

/* An escString: backslashes as Graphviz reads them. (transfer full) */
static char *
unescape_label (Reader *r, Agnode_t *node, const char *label)
{
  GString *text = g_string_new (NULL);

  for (const char *at = label; *at != 0; at++)
    {
      if (*at != '\\' || at[1] == 0)
        g_string_append_c (text, *at);
      else if (*++at == 'N')
        g_string_append (text, agnameof (node));
      else if (*at == 'G')
        g_string_append (text, agnameof (r->graph));
      else
        g_string_append_c (text, strchr ("nlr", *at) != NULL ? '\n' : *at);
    }
  while (text->len > 0 && text->str[text->len - 1] == '\n')
    g_string_truncate (text, text->len - 1);
  return g_string_free (text, FALSE);
}

static void
set_group_of_label (Reader *r, uint32_t task, const char *label)
{
  size_t n_line = strcspn (label, "\n");
  g_autofree char *group = _weft_key_dup_group (label, n_line);

  if (*group != 0)
    weft_graph_builder_set_group (r->builder, task, group);
}

static void
set_texts (Reader *r, uint32_t task)
{
  Agnode_t *node = r->nodes[task];
  const char *group = value_of (node, r->symbols.group);
  const char *value = value_of (node, r->symbols.label);
  WeftTaskAttributes attributes = { .label = WEFT_NONE };
  g_autofree char *label = NULL;

  if (*group != 0)
    weft_graph_builder_set_group (r->builder, task, group);
  if (*value == 0 || aghtmlstr ((char *) value))
    return;
  label = unescape_label (r, node, value);
  if (*label == 0 || strcmp (label, agnameof (node)) == 0)
    return;
  attributes.label = weft_graph_builder_string (r->builder, label);
  weft_graph_builder_set_attributes (r->builder, task, &attributes);
  if (*group == 0)
    set_group_of_label (r, task, label);
}

/* ---- nodes and edges ------------------------------------------------------------------------- */

/* Builder ids are the nodes' order of appearance. */
static void
list_nodes (Reader *r)
{
  r->n_nodes = (uint32_t) agnnodes (r->graph);
  r->nodes = g_new (Agnode_t *, (size_t) r->n_nodes + 1);
  r->n_nodes = 0;
  for (Agnode_t *node = agfstnode (r->graph); node != NULL; node = agnxtnode (r->graph, node))
    {
      WeftLocation where = place_of (r, node);
      size_t seq = AGSEQ (node);

      _weft_grow_array (r->index_of_seq, r->n_seq, seq + 1);
      r->index_of_seq[seq] = r->n_nodes;
      r->nodes[r->n_nodes++] = node;
      weft_graph_builder_set_location (r->builder, &where);
      weft_graph_builder_mention (r->builder, agnameof (node), -1);
    }
}

static bool
read_edge (Reader *r, uint32_t from, Agedge_t *e, GError **error)
{
  Agnode_t *head = aghead (e);
  WeftLocation where = place_of (r, head);
  WeftReadEdge edge = { .task = r->index_of_seq[AGSEQ (head)],
                        .from = from,
                        .place = { where.line, where.column } };
  const char *text = value_of (e, r->symbols.output);
  const char *at = text;
  uint64_t output = 0;

  if (*text != 0 && (!read_number (&at, MAX_OUTPUTS - 1, &output) || *at != 0))
    return fail_value (r, head, "weft_output", text, "a number from 0 to 65534", error);
  edge.output = (uint32_t) output;
  if (strcmp (value_of (e, r->symbols.after), "true") == 0)
    edge.output = WEFT_NONE;
  _weft_edge_list_add (&r->edges, &edge);
  return true;
}

static bool
read_edges (Reader *r, GError **error)
{
  for (uint32_t i = 0; i < r->n_nodes; i++)
    for (Agedge_t *e = agfstout (r->graph, r->nodes[i]); e != NULL; e = agnxtout (r->graph, e))
      if (!read_edge (r, i, e, error))
        return false;
  _weft_edge_list_sort (&r->edges, r->n_nodes);
  return true;
}

static bool
add_task (Reader *r, uint32_t task, GError **error)
{
  Agnode_t *node = r->nodes[task];
  const char *key = agnameof (node);
  const char *machine = value_of (node, r->symbols.machine);
  WeftLocation where = place_of (r, node);
  int64_t runtime_ns;

  if (!read_runtime (r, node, &runtime_ns, error) || !read_bytes (r, node, error))
    return false;
  _weft_read_add_task (r->builder, &r->edges, task, key, strlen (key), (uint32_t) r->n_bytes,
                       &where);
  weft_graph_builder_set_hints (
      r->builder, task, runtime_ns, r->symbols.bytes != NULL ? r->bytes : NULL,
      r->symbols.bytes != NULL ? (uint32_t) r->n_bytes : 0,
      *machine != 0 ? weft_graph_builder_string (r->builder, machine) : WEFT_NONE);
  set_texts (r, task);
  return true;
}

static bool
build (Reader *r, GError **error)
{
  WeftLocation start = { .file = r->file, .line = 1, .column = 1 };
  const char *name = agnameof (r->graph);

  _weft_graph_builder_set_file (r->builder, r->file);
  weft_graph_builder_set_location (r->builder, &start);
  /* Graphs without a name have one that begins with “%”. */
  if (name != NULL && *name != '%')
    weft_graph_builder_set_name (r->builder, name);
  find_symbols (r);
  list_nodes (r);
  if (!read_edges (r, error))
    return false;
  for (uint32_t task = 0; task < r->n_nodes; task++)
    if (!add_task (r, task, error))
      return false;
  _weft_graph_builder_want_sinks (r->builder);
  return true;
}

/* Between the calls of this function libcgraph is not used. */
static bool
read_locked (Reader *r, const char *text, GError **error)
{
  g_autoptr (GString) messages = g_string_new (NULL);
  bool ok;

  r->graph = parse (text, messages);
  ok = r->graph != NULL ? build (r, error) : fail_parse (r, messages, error);
  if (r->graph != NULL)
    agclose (r->graph);
  return ok;
}

bool
_weft_graph_read_dot (const char *bytes, size_t n_bytes, const char *file,
                      WeftGraphBuilder *builder, GError **error)
{
  size_t n_mark = n_bytes >= 3 && memcmp (bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
  Reader r = { .file = file, .builder = builder };
  g_autofree char *text = NULL;
  bool ok = _weft_dot_check (bytes + n_mark, n_bytes - n_mark, file, &r.places, error);

  if (ok)
    {
      /* What libcgraph's scanner has read beyond the graph it keeps, and begins the next one with:
       * a comment there would go on into that. */
      text = g_strndup (bytes + n_mark, r.places.n_graph);
      pthread_mutex_lock (&cgraph_lock);
      ok = read_locked (&r, text, error);
      pthread_mutex_unlock (&cgraph_lock);
    }
  _weft_dot_places_clear (&r.places);
  _weft_edge_list_clear (&r.edges);
  g_free (r.nodes);
  g_free (r.index_of_seq);
  g_free (r.bytes);
  return ok;
}
