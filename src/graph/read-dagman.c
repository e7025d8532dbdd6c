/* read-dagman.c: reads the input files of HTCondor's DAGMan
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Source: the HTCondor manual, chapter "DAGMan" (commands, their options, which of them may name
 * all nodes).
 *
 * What becomes of the commands:
 *
 *   JOB, NODE        a task without operation; NOOP and DONE: its runtime is 0. The submit file,
 *                    DIR and VARS are kept in the task's metadata
 *   FINAL            a task after all that nobody waits for
 *   PARENT … CHILD   an edge from each parent to each child
 *   RETRY, PRIORITY  attributes
 *   CATEGORY         the group; with MAXJOBS also one unit of a resource of that name, of which the
 *                    graph's metadata says how much there is: "resources": {name: n}
 *   DONE             as the option
 *
 * What says how HTCondor should go about it (scripts, logs, settings) has no meaning here; it is
 * left out, and named in a note and in the graph's metadata: "ignored": [{"command", "line",
 * "count"}]. What would change the graph but is not understood (SPLICE, SUBDAG …) is an error.
 */
#include "config.h"

#include "base/weft-grow-private.h"
#include "base/weft-nearest-private.h"
#include "graph/weft-dagman-private.h"

#include <string.h>

/* PARENT a… CHILD b… writes many edges with few words; so many are a mistake or an attack. */
#define MAX_EDGES ((size_t) 1 << 27)

typedef struct
{
  WeftDagWords words;
  WeftDag dag;
} Reader;

typedef bool (*CommandFunc) (Reader *r);

/* ---- nodes ----------------------------------------------------------------------------------- */

static WeftDagNode
new_node (const Reader *r)
{
  return (WeftDagNode){ .category = WEFT_NONE,
                        .place = { r->words.where.line, r->words.where.column } };
}

/* The node named by the word read last. */
static uint32_t
node_of_word (Reader *r)
{
  WeftDag *dag = &r->dag;
  uint32_t node = _weft_intern_add (&dag->names, r->words.word.chars, r->words.word.n);

  if (node == dag->n_nodes)
    {
      _weft_grow_array (dag->nodes, dag->nodes_room, (size_t) node + 1);
      dag->nodes[dag->n_nodes++] = new_node (r);
    }
  return node;
}

/* The next word names a node, or ALL_NODES. */
static WeftDagNode *
expect_node (Reader *r)
{
  uint32_t node;

  if (!_weft_dag_expect_word (&r->words, "the name of a node"))
    return NULL;
  if (_weft_dag_is (&r->words, "ALL_NODES"))
    return &r->dag.all;
  node = node_of_word (r); /* may move the nodes */
  return &r->dag.nodes[node];
}

static void
ignore (Reader *r, const char *command, const char *without)
{
  WeftDag *dag = &r->dag;

  for (size_t i = 0; i < dag->n_ignored; i++)
    if (strcmp (dag->ignored[i].command, command) == 0)
      {
        dag->ignored[i].n++;
        return;
      }
  _weft_grow_array (dag->ignored, dag->ignored_room, dag->n_ignored + 1);
  dag->ignored[dag->n_ignored++] =
      (WeftDagIgnored){ .command = command,
                        .without = without,
                        .place = { r->words.where.line, r->words.where.column },
                        .n = 1 };
}

/* ---- JOB and FINAL --------------------------------------------------------------------------- */

static bool
define_node (Reader *r, uint32_t *node)
{
  static const char *const reserved[] = { "PARENT", "CHILD", "ALL_NODES" };
  WeftDagNode *n;

  if (!_weft_dag_expect_word (&r->words, "the name of a node"))
    return false;
  for (size_t i = 0; i < G_N_ELEMENTS (reserved); i++)
    if (_weft_dag_is (&r->words, reserved[i]))
      return _weft_dag_unexpected (&r->words, "a name that is not a word of the language");
  *node = node_of_word (r);
  n = &r->dag.nodes[*node];
  if (n->is_defined)
    {
      g_autofree char *quoted = _weft_quote (r->words.word.chars, r->words.word.n);

      return _weft_dag_fail (&r->words, WEFT_GRAPH_ERROR_DUPLICATE,
                             "found the key %s a second time, expected each once; it was first "
                             "defined on line %u, column %u",
                             quoted, n->place.line, n->place.column);
    }
  n->is_defined = true;
  n->place = (WeftCallLocation){ r->words.where.line, r->words.where.column };
  return true;
}

/* A submit description inside the file: { … }, or @=word … @word. Its text is HTCondor's. */
static bool
skip_inline (Reader *r, bool *is_inline)
{
  g_autofree char *last = NULL;

  *is_inline = true;
  if (_weft_dag_is (&r->words, "{"))
    return _weft_dag_skip_block (&r->words, "}");
  if (r->words.word.n > 2 && memcmp (r->words.word.chars, "@=", 2) == 0)
    {
      last = g_strdup_printf ("@%.*s", (int) r->words.word.n - 2, r->words.word.chars + 2);
      return _weft_dag_skip_block (&r->words, last);
    }
  *is_inline = false;
  return true;
}

static bool
job_options (Reader *r, WeftDagNode *node)
{
  while (_weft_dag_next_word (&r->words))
    {
      if (_weft_dag_is (&r->words, "NOOP"))
        node->is_noop = true;
      else if (_weft_dag_is (&r->words, "DONE"))
        node->is_done = true;
      else if (!_weft_dag_is (&r->words, "DIR"))
        return _weft_dag_unexpected (&r->words, "DIR, NOOP, DONE or the end of the line");
      else if (!_weft_dag_expect_word (&r->words, "the name of a directory"))
        return false;
      else
        node->dir = r->words.word;
    }
  return r->words.error == NULL;
}

static bool
read_job (Reader *r, uint32_t *node)
{
  bool is_inline;

  if (!define_node (r, node) || !_weft_dag_expect_word (&r->words, "the name of a submit file")
      || !skip_inline (r, &is_inline))
    return false;
  if (!is_inline)
    r->dag.nodes[*node].submit = r->words.word;
  return job_options (r, &r->dag.nodes[*node]);
}

static bool
job (Reader *r)
{
  uint32_t node;

  return read_job (r, &node);
}

static bool
final (Reader *r)
{
  if (r->dag.final != WEFT_NONE)
    return _weft_dag_fail (&r->words, WEFT_GRAPH_ERROR_DUPLICATE,
                           "found a second FINAL, expected one at most; the first is on line %u",
                           r->dag.nodes[r->dag.final].place.line);
  if (!read_job (r, &r->dag.final))
    return false;
  r->dag.nodes[r->dag.final].is_final = true;
  return true;
}

/* The final node has no place among the others. */
static bool
check_final (Reader *r)
{
  for (size_t i = 0; i < r->dag.edges.n; i++)
    {
      const WeftReadEdge *edge = &r->dag.edges.edges[i];

      if (edge->task != r->dag.final && edge->from != r->dag.final)
        continue;
      r->words.where.line = edge->place.line;
      r->words.where.column = edge->place.column;
      return _weft_dag_fail (&r->words, WEFT_GRAPH_ERROR_FORMAT,
                             "found an edge of the FINAL node, expected none: it comes after all "
                             "others by itself");
    }
  return true;
}

static bool
done (Reader *r)
{
  WeftDagNode *node = expect_node (r);

  if (node == NULL)
    return false;
  node->is_done = true;
  return _weft_dag_expect_end (&r->words);
}

static bool
submit_description (Reader *r)
{
  bool is_inline;

  if (!_weft_dag_expect_word (&r->words, "the name of a submit description")
      || !_weft_dag_expect_word (&r->words, "“{”") || !skip_inline (r, &is_inline))
    return false;
  return is_inline || _weft_dag_unexpected (&r->words, "“{”");
}

/* ---- edges ----------------------------------------------------------------------------------- */

typedef struct
{
  WeftReadEdge *ends; /* .from: the node, .place */
  size_t n, room;
} Ends;

static void
add_end (Reader *r, Ends *ends)
{
  _weft_grow_array (ends->ends, ends->room, ends->n + 1);
  ends->ends[ends->n++] = (WeftReadEdge){ .from = node_of_word (r),
                                          .place = { r->words.where.line, r->words.where.column } };
}

static bool
add_edges (Reader *r, const Ends *parents, const Ends *children)
{
  if (parents->n > MAX_EDGES / children->n || r->dag.edges.n > MAX_EDGES - parents->n * children->n)
    return _weft_dag_fail (
        &r->words, WEFT_GRAPH_ERROR_RANGE,
        "found more than %zu edges; put a node between such parents and children", MAX_EDGES);
  for (size_t p = 0; p < parents->n; p++)
    for (size_t c = 0; c < children->n; c++)
      {
        WeftReadEdge edge = { .task = children->ends[c].from,
                              .from = parents->ends[p].from,
                              .place = children->ends[c].place };

        _weft_edge_list_add (&r->dag.edges, &edge);
      }
  return true;
}

static bool
read_ends (Reader *r, Ends *parents, Ends *children)
{
  while (_weft_dag_next_word (&r->words) && !_weft_dag_is (&r->words, "CHILD"))
    add_end (r, parents);
  if (r->words.error != NULL)
    return false;
  if (r->words.word.chars == NULL)
    return _weft_dag_unexpected (&r->words, "CHILD after the parents");
  if (parents->n == 0)
    return _weft_dag_unexpected (&r->words, "the name of a parent node");
  while (_weft_dag_next_word (&r->words))
    add_end (r, children);
  if (r->words.error == NULL && children->n == 0)
    return _weft_dag_unexpected (&r->words, "the name of a child node");
  return r->words.error == NULL;
}

static bool
parent (Reader *r)
{
  Ends parents = { 0 };
  Ends children = { 0 };
  bool ok = read_ends (r, &parents, &children) && add_edges (r, &parents, &children);

  g_free (parents.ends);
  g_free (children.ends);
  return ok;
}

/* ---- attributes ------------------------------------------------------------------------------ */

static bool
retry (Reader *r)
{
  WeftDagNode *node = expect_node (r);
  int64_t n;

  if (node == NULL || !_weft_dag_expect_int64 (&r->words, 0, INT32_MAX, "a number of retries", &n))
    return false;
  node->retries = (uint32_t) n;
  node->has_retries = true;
  if (!_weft_dag_next_word (&r->words))
    return r->words.error == NULL;
  if (!_weft_dag_is (&r->words, "UNLESS-EXIT"))
    return _weft_dag_unexpected (&r->words, "UNLESS-EXIT or the end of the line");
  ignore (r, "RETRY UNLESS-EXIT", "a failed node is run again whatever its exit code");
  return _weft_dag_expect_int64 (&r->words, INT32_MIN, INT32_MAX, "an exit code", &n)
         && _weft_dag_expect_end (&r->words);
}

static bool
priority (Reader *r)
{
  WeftDagNode *node = expect_node (r);
  int64_t value;

  if (node == NULL
      || !_weft_dag_expect_int64 (&r->words, INT32_MIN, INT32_MAX, "a priority", &value))
    return false;
  node->priority = (int32_t) value;
  node->has_priority = true;
  return _weft_dag_expect_end (&r->words);
}

static uint32_t
category_of_word (Reader *r)
{
  WeftDag *dag = &r->dag;
  uint32_t id = _weft_intern_add (&dag->categories, r->words.word.chars, r->words.word.n);

  if (id == dag->n_max_jobs)
    {
      _weft_grow_array (dag->max_jobs, dag->max_jobs_room, dag->n_max_jobs + 1);
      dag->max_jobs[dag->n_max_jobs++] = -1;
    }
  return id;
}

static bool
category (Reader *r)
{
  WeftDagNode *node = expect_node (r);

  if (node == NULL || !_weft_dag_expect_word (&r->words, "the name of a category"))
    return false;
  node->category = category_of_word (r);
  return _weft_dag_expect_end (&r->words);
}

static bool
max_jobs (Reader *r)
{
  uint32_t id;
  int64_t n;

  if (!_weft_dag_expect_word (&r->words, "the name of a category"))
    return false;
  id = category_of_word (r);
  if (!_weft_dag_expect_int64 (&r->words, 0, INT32_MAX, "a number of jobs", &n))
    return false;
  /* 0 is DAGMan's word for “as many as there are”. */
  r->dag.max_jobs[id] = n > 0 ? n : -1;
  return _weft_dag_expect_end (&r->words);
}

/* name="value", to the node's variables. */
static bool
variable (Reader *r, WeftDagNode *node)
{
  const char *word = r->words.word.chars;
  const char *end = word + r->words.word.n;
  const char *equals = memchr (word, '=', r->words.word.n);
  g_autoptr (GString) value = g_string_new (NULL);

  if (equals == NULL || equals == word || end - equals < 3 || equals[1] != '"' || end[-1] != '"')
    return _weft_dag_unexpected (&r->words, "a variable written as name=\"value\"");
  for (const char *at = equals + 2; at < end - 1; at++)
    {
      at += *at == '\\' && at + 1 < end - 1;
      g_string_append_c (value, *at);
    }
  if (node->vars == NULL)
    node->vars = g_string_new (NULL);
  if (node->vars->len > 0)
    g_string_append (node->vars, ", ");
  _weft_read_append_json (node->vars, word, (size_t) (equals - word));
  g_string_append (node->vars, ": ");
  _weft_read_append_json (node->vars, value->str, value->len);
  return true;
}

static bool
vars (Reader *r)
{
  WeftDagNode *node = expect_node (r);
  uint32_t n = 0;

  if (node == NULL)
    return false;
  while (_weft_dag_next_word (&r->words))
    {
      if (n == 0 && (_weft_dag_is (&r->words, "PREPEND") || _weft_dag_is (&r->words, "APPEND")))
        continue;
      if (!variable (r, node))
        return false;
      n++;
    }
  if (r->words.error == NULL && n == 0)
    return _weft_dag_unexpected (&r->words, "a variable written as name=\"value\"");
  return r->words.error == NULL;
}

/* ---- commands -------------------------------------------------------------------------------- */

typedef enum
{
  UNDERSTOOD,
  IGNORED,
  UNSUPPORTED
} Kind;

typedef struct
{
  const char *word;
  Kind kind;
  CommandFunc func;
  const char *without; /* of ignored ones: what is not so without it */
} Command;

static const Command commands[] = {
  { "JOB", UNDERSTOOD, job, NULL },
  { "NODE", UNDERSTOOD, job, NULL },
  { "FINAL", UNDERSTOOD, final, NULL },
  { "PARENT", UNDERSTOOD, parent, NULL },
  { "RETRY", UNDERSTOOD, retry, NULL },
  { "PRIORITY", UNDERSTOOD, priority, NULL },
  { "CATEGORY", UNDERSTOOD, category, NULL },
  { "MAXJOBS", UNDERSTOOD, max_jobs, NULL },
  { "VARS", UNDERSTOOD, vars, NULL },
  { "DONE", UNDERSTOOD, done, NULL },
  { "SUBMIT-DESCRIPTION", UNDERSTOOD, submit_description, NULL },
  { "SCRIPT", IGNORED, NULL, "programs before and after nodes are not run" },
  { "CONFIG", IGNORED, NULL, "settings of HTCondor mean nothing here" },
  { "ENV", IGNORED, NULL, "the environment is that of this process" },
  { "SET_JOB_ATTR", IGNORED, NULL, "there are no job ads" },
  { "DOT", IGNORED, NULL, "weftline convert writes DOT" },
  { "NODE_STATUS_FILE", IGNORED, NULL, "weftline run --trace keeps a record" },
  { "SAVE_POINT_FILE", IGNORED, NULL, "weftline run --keep and --resume go on later" },
  { "JOBSTATE_LOG", IGNORED, NULL, "weftline run --trace keeps a record" },
  { "ABORT-DAG-ON", IGNORED, NULL, "an exit code does not end the run" },
  { "PRE_SKIP", IGNORED, NULL, "programs before nodes are not run" },
  { "SPLICE", UNSUPPORTED, NULL, NULL },
  { "SUBDAG", UNSUPPORTED, NULL, NULL },
  { "INCLUDE", UNSUPPORTED, NULL, NULL },
  { "PROVISIONER", UNSUPPORTED, NULL, NULL },
  { "SERVICE", UNSUPPORTED, NULL, NULL },
  { "CONNECT", UNSUPPORTED, NULL, NULL },
  { "PIN_IN", UNSUPPORTED, NULL, NULL },
  { "PIN_OUT", UNSUPPORTED, NULL, NULL },
  { "REJECT", UNSUPPORTED, NULL, NULL },
};

static bool
fail_unknown (Reader *r)
{
  g_autofree char *word = g_ascii_strup (r->words.word.chars, (gssize) r->words.word.n);
  g_autofree char *expected = NULL;
  WeftNearest nearest;

  _weft_nearest_init (&nearest, word, strlen (word));
  for (uint32_t i = 0; i < G_N_ELEMENTS (commands); i++)
    _weft_nearest_offer (&nearest, commands[i].word, strlen (commands[i].word), i);
  if (nearest.best == WEFT_NONE)
    return _weft_dag_unexpected (&r->words, "a DAGMan command such as JOB or PARENT");
  expected = g_strdup_printf ("a DAGMan command; did you mean “%s”?", commands[nearest.best].word);
  return _weft_dag_unexpected (&r->words, expected);
}

static bool
run_command (Reader *r, const Command *command)
{
  switch (command->kind)
    {
    case UNDERSTOOD:
      return command->func (r);
    case IGNORED:
      ignore (r, command->word, command->without);
      return true;
    default:
      return _weft_dag_fail (&r->words, WEFT_GRAPH_ERROR_UNSUPPORTED,
                             "found %s, which is not supported: without it the graph would be "
                             "another one",
                             command->word);
    }
}

static bool
read_line (Reader *r)
{
  for (size_t i = 0; i < G_N_ELEMENTS (commands); i++)
    if (_weft_dag_is (&r->words, commands[i].word))
      return run_command (r, &commands[i]);
  return fail_unknown (r);
}

static void
clear (WeftDag *dag)
{
  for (uint32_t i = 0; i < dag->n_nodes; i++)
    if (dag->nodes[i].vars != NULL)
      g_string_free (dag->nodes[i].vars, TRUE);
  if (dag->all.vars != NULL)
    g_string_free (dag->all.vars, TRUE);
  _weft_intern_clear (&dag->names);
  _weft_intern_clear (&dag->categories);
  _weft_edge_list_clear (&dag->edges);
  g_free (dag->nodes);
  g_free (dag->max_jobs);
  g_free (dag->ignored);
}

bool
_weft_graph_read_dagman (const char *bytes, size_t n_bytes, const char *file,
                         WeftGraphBuilder *builder, GError **error)
{
  size_t n_mark = n_bytes >= 3 && memcmp (bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
  Reader r = { .dag = { .file = file, .final = WEFT_NONE, .all.category = WEFT_NONE } };
  bool ok = _weft_read_check_text (bytes, n_bytes, file, error);

  if (!ok)
    return false;
  _weft_dag_words_init (&r.words, bytes + n_mark, n_bytes - n_mark, file);
  _weft_intern_init (&r.dag.names);
  _weft_intern_init (&r.dag.categories);
  while (ok && _weft_dag_next_line (&r.words))
    ok = read_line (&r);
  ok = ok && r.words.error == NULL && check_final (&r);
  if (ok)
    _weft_dag_build (&r.dag, builder);
  else
    g_propagate_error (error, g_steal_pointer (&r.words.error));
  clear (&r.dag);
  return ok;
}
