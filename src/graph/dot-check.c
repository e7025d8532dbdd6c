/* dot-check.c: the grammar of DOT, and the place of every node
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Source: the DOT language reference of Graphviz, and the comma between nodes, which libcgraph
 * allows:
 *
 *   graph     [strict] digraph [ID] { statement* }
 *   statement (attributes | ID = ID | edges) [;]
 *   attributes (graph | node | edge) list+
 *   list      [ (ID = ID [; | ,])* ]
 *   edges     end (-> end)* list*
 *   end       node (, node)* | [subgraph [ID]] { statement* }
 *   node      ID [: ID [: ID]]
 *
 * Recursive descent; subgraphs are the only recursion and no deeper than WEFT_GRAPH_MAX_DEPTH. One
 * token is looked at ahead: each function begins with its first token already read and leaves with
 * the next.
 */
#include "config.h"

#include "graph/weft-dot-private.h"

#include "base/weft-grow-private.h"
#include "graph/weft-read-edges-private.h"

#include <string.h>

/* libcgraph's parser keeps four symbols of its stack of 10,000 for each edge of a statement that
 * has not ended; beyond, it would drop the statement. */
#define MAX_OPEN_EDGES 2000

typedef struct
{
  WeftDotScanner scanner;
  WeftDotPlaces *places;
  uint64_t *end_of_node; /* by name: number of the end of an edge it was in last */
  size_t end_room;
  uint64_t n_ends;
  uint32_t depth;
  uint32_t n_open_edges; /* of this statement and those around it */
} Checker;

static bool statements (Checker *c);

static bool
is_char (const Checker *c, char wanted)
{
  return c->scanner.token == WEFT_DOT_CHAR && *c->scanner.start == wanted;
}

static bool
is_keyword (const Checker *c, const char *word)
{
  return c->scanner.token == WEFT_DOT_NAME && g_ascii_strcasecmp (c->scanner.text->str, word) == 0;
}

static bool
is_any_keyword (const Checker *c)
{
  static const char *const words[] = { "graph", "digraph", "node", "edge", "subgraph", "strict" };

  for (size_t i = 0; i < G_N_ELEMENTS (words); i++)
    if (is_keyword (c, words[i]))
      return true;
  return false;
}

static bool
is_id (const Checker *c)
{
  WeftDotToken token = c->scanner.token;

  return token == WEFT_DOT_QUOTED || token == WEFT_DOT_NUMERAL || token == WEFT_DOT_HTML
         || (token == WEFT_DOT_NAME && !is_any_keyword (c));
}

static bool
take_id (Checker *c, const char *expected)
{
  if (!is_id (c))
    return _weft_dot_unexpected (&c->scanner, expected);
  return _weft_dot_next (&c->scanner);
}

static bool
take_char (Checker *c, char wanted, const char *expected)
{
  if (!is_char (c, wanted))
    return _weft_dot_unexpected (&c->scanner, expected);
  return _weft_dot_next (&c->scanner);
}

/* ---- attributes ------------------------------------------------------------------------------ */

static bool
attribute_list (Checker *c)
{
  if (!take_char (c, '[', "“[”"))
    return false;
  while (!is_char (c, ']'))
    {
      if (!take_id (c, "the name of an attribute or “]”")
          || !take_char (c, '=', "“=” after the name of an attribute")
          || !take_id (c, "the value of the attribute"))
        return false;
      if ((is_char (c, ';') || is_char (c, ',')) && !_weft_dot_next (&c->scanner))
        return false;
    }
  return _weft_dot_next (&c->scanner);
}

static bool
attribute_lists (Checker *c)
{
  while (is_char (c, '['))
    if (!attribute_list (c))
      return false;
  return true;
}

/* ---- nodes and edges ------------------------------------------------------------------------- */

/* Enters the node named by the token read last. @first: its place. In two neighbouring ends of an
 * edge it would depend on itself. */
static bool
note_node (Checker *c, const char *name, size_t n, const WeftLocation *where)
{
  WeftDotPlaces *places = c->places;
  uint32_t id = _weft_intern_add (&places->names, name, n);

  if (id == places->n_places)
    {
      _weft_grow_array (places->places, places->room, places->n_places + 1);
      _weft_grow_array (c->end_of_node, c->end_room, places->n_places + 1);
      c->end_of_node[id] = 0;
      places->places[places->n_places++] = (WeftCallLocation){ where->line, where->column };
    }
  if (c->end_of_node[id] != 0 && c->end_of_node[id] + 1 == c->n_ends)
    {
      g_autofree char *quoted = _weft_quote (name, n);

      c->scanner.where = *where;
      return _weft_dot_fail (&c->scanner, WEFT_GRAPH_ERROR_SELF,
                             "found the task %s as a dependency of itself, expected another task",
                             quoted);
    }
  c->end_of_node[id] = c->n_ends;
  return true;
}

static bool
port (Checker *c)
{
  for (int i = 0; i < 2 && is_char (c, ':'); i++)
    if (!_weft_dot_next (&c->scanner) || !take_id (c, "the name of a port"))
      return false;
  return true;
}

/* The rest of a list of nodes, whose first was noted and its name taken. */
static bool
rest_of_nodes (Checker *c)
{
  if (!port (c))
    return false;
  while (is_char (c, ','))
    {
      if (!_weft_dot_next (&c->scanner))
        return false;
      if (!is_id (c))
        return _weft_dot_unexpected (&c->scanner, "the name of a node");
      if (!note_node (c, c->scanner.text->str, c->scanner.text->len, &c->scanner.where)
          || !_weft_dot_next (&c->scanner) || !port (c))
        return false;
    }
  return true;
}

static bool
subgraph (Checker *c)
{
  if (is_keyword (c, "subgraph"))
    {
      if (!_weft_dot_next (&c->scanner) || (is_id (c) && !_weft_dot_next (&c->scanner)))
        return false;
    }
  if (c->depth == WEFT_GRAPH_MAX_DEPTH)
    return _weft_dot_fail (&c->scanner, WEFT_GRAPH_ERROR_DEPTH,
                           "found subgraphs nested deeper than %d, the most that is read",
                           WEFT_GRAPH_MAX_DEPTH);
  c->depth++;
  if (!take_char (c, '{', "“{”") || !statements (c) || !take_char (c, '}', "a statement or “}”"))
    return false;
  c->depth--;
  return true;
}

static bool
is_subgraph (const Checker *c)
{
  return is_keyword (c, "subgraph") || is_char (c, '{');
}

/* What stands after an arrow. Ends are numbered, with a gap before each statement and around each
 * subgraph, so that neighbours in one edge have neighbouring numbers and nothing else has. */
static bool
next_end (Checker *c)
{
  if (is_subgraph (c))
    {
      c->n_ends += 2;
      if (!subgraph (c))
        return false;
      c->n_ends += 2;
      return true;
    }
  if (!is_id (c))
    return _weft_dot_unexpected (
        &c->scanner, is_any_keyword (c)
                         ? "a node or a subgraph after “->”; as the name of a node it needs quotes"
                         : "the name of a node or a subgraph after “->”");
  c->n_ends++;
  return note_node (c, c->scanner.text->str, c->scanner.text->len, &c->scanner.where)
         && _weft_dot_next (&c->scanner) && rest_of_nodes (c);
}

static bool
next_edge (Checker *c)
{
  if (c->scanner.token == WEFT_DOT_LINE)
    return _weft_dot_unexpected (&c->scanner, "“->”, as the edges of a digraph are written");
  if (c->n_open_edges == MAX_OPEN_EDGES)
    return _weft_dot_fail (&c->scanner, WEFT_GRAPH_ERROR_RANGE,
                           "found more than %d edges in one statement, the most that is read; "
                           "begin a new one",
                           MAX_OPEN_EDGES);
  c->n_open_edges++;
  return _weft_dot_next (&c->scanner) && next_end (c);
}

static bool
rest_of_edges (Checker *c)
{
  uint32_t n_before = c->n_open_edges;

  while (c->scanner.token == WEFT_DOT_ARROW || c->scanner.token == WEFT_DOT_LINE)
    if (!next_edge (c))
      return false;
  c->n_open_edges = n_before;
  return attribute_lists (c);
}

/* ---- statements ------------------------------------------------------------------------------ */

/* ID = ID, or edges that begin with a node. */
static bool
statement_with_id (Checker *c)
{
  g_autofree char *name = g_strndup (c->scanner.text->str, c->scanner.text->len);
  size_t n = c->scanner.text->len;
  WeftLocation where = c->scanner.where;

  if (!_weft_dot_next (&c->scanner))
    return false;
  if (is_char (c, '='))
    return _weft_dot_next (&c->scanner) && take_id (c, "the value of the attribute");
  return note_node (c, name, n, &where) && rest_of_nodes (c) && rest_of_edges (c);
}

static bool
statement (Checker *c)
{
  c->n_ends += 2;
  if (is_keyword (c, "graph") || is_keyword (c, "node") || is_keyword (c, "edge"))
    return _weft_dot_next (&c->scanner) && attribute_list (c) && attribute_lists (c);
  if (is_subgraph (c))
    {
      if (!subgraph (c))
        return false;
      c->n_ends += 2;
      return rest_of_edges (c);
    }
  if (is_id (c))
    return statement_with_id (c);
  return _weft_dot_unexpected (
      &c->scanner, is_any_keyword (c) ? "a statement or “}”; as the name of a node it needs quotes"
                                      : "a statement or “}”");
}

static bool
statements (Checker *c)
{
  while (!is_char (c, '}'))
    {
      if (c->scanner.token == WEFT_DOT_END)
        return _weft_dot_unexpected (&c->scanner, "a statement or “}”");
      if (is_char (c, ';') ? !_weft_dot_next (&c->scanner) : !statement (c))
        return false;
    }
  return true;
}

static bool
document (Checker *c)
{
  if (!_weft_dot_next (&c->scanner) || (is_keyword (c, "strict") && !_weft_dot_next (&c->scanner)))
    return false;
  if (is_keyword (c, "graph"))
    return _weft_dot_fail (&c->scanner, WEFT_GRAPH_ERROR_FORMAT,
                           "found an undirected graph, expected “digraph”: an edge of a task graph "
                           "has a direction");
  if (!is_keyword (c, "digraph"))
    return _weft_dot_unexpected (&c->scanner, "“digraph”");
  if (!_weft_dot_next (&c->scanner) || (is_id (c) && !_weft_dot_next (&c->scanner))
      || !take_char (c, '{', "“{”") || !statements (c))
    return false;
  c->places->n_graph = (size_t) (c->scanner.at - c->scanner.bytes);
  if (!take_char (c, '}', "a statement or “}”"))
    return false;
  if (c->scanner.token != WEFT_DOT_END)
    return _weft_dot_unexpected (&c->scanner, "the end of the input after the graph's “}”");
  return true;
}

/* ---- the whole ------------------------------------------------------------------------------- */

bool
_weft_dot_check (const char *bytes, size_t n_bytes, const char *file, WeftDotPlaces *places,
                 GError **error)
{
  Checker c = { .places = places };
  bool ok;

  *places = (WeftDotPlaces){ 0 };
  _weft_intern_init (&places->names);
  if (!_weft_read_check_text (bytes, n_bytes, file, error))
    return false;
  _weft_dot_scanner_init (&c.scanner, bytes, n_bytes, file);
  ok = document (&c);
  if (!ok)
    g_propagate_error (error, g_steal_pointer (&c.scanner.error));
  _weft_dot_scanner_clear (&c.scanner);
  g_free (c.end_of_node);
  return ok;
}

void
_weft_dot_places_clear (WeftDotPlaces *places)
{
  _weft_intern_clear (&places->names);
  g_free (places->places);
  *places = (WeftDotPlaces){ 0 };
}
