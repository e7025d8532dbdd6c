/* ops.c: `weftline ops`: the operations there are
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The list has a line for each: signature with the types of parameters, typical cost, what it does.
 */
#include "cli/weft-cli-private.h"

#include <inttypes.h>
#include <string.h>

#define HEAD_COLUMNS 44
#define COST_COLUMNS 7u

static const struct
{
  uint32_t flag;
  const char *word;
} flag_words[] = {
  { WEFT_OP_PURE, "pure" },         { WEFT_OP_BLOCKING, "blocking" },
  { WEFT_OP_RUNTIME, "runtime" },   { WEFT_OP_CHEAP, "cheap" },
  { WEFT_OP_EXTERNAL, "external" }, { WEFT_OP_VARIABLE_OUTPUTS, "variable-outputs" },
};

static void
collect (const WeftOp *op, void *data)
{
  g_ptr_array_add (data, (void *) op);
}

static int
compare_ops (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(const WeftOp *const *) a)->name, (*(const WeftOp *const *) b)->name);
}

/* ---- signatures ------------------------------------------------------------------------------ */

static const struct
{
  uint32_t accepts;
  const char *word;
} type_words[] = {
  { WEFT_ACCEPT_ANY, "any" },
  { WEFT_ACCEPT_NUMBER, "number" },
  { WEFT_ACCEPT (WEFT_TYPE_INT64) | WEFT_ACCEPT (WEFT_TYPE_BOOL), "integer" },
  { WEFT_ACCEPT (WEFT_TYPE_STRING) | WEFT_ACCEPT (WEFT_TYPE_FILE), "path" },
};

/* "number", "string|bytes" (transfer full) */
static char *
types_text (uint32_t accepts)
{
  GString *text = g_string_new (NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (type_words); i++)
    if (accepts == type_words[i].accepts)
      return g_string_free (g_string_append (text, type_words[i].word), FALSE);
  for (uint32_t type = WEFT_TYPE_NONE; type <= WEFT_TYPE_FOREIGN; type++)
    if ((accepts & WEFT_ACCEPT (type)) != 0)
      g_string_append_printf (text, "%s%s", text->len > 0 ? "|" : "",
                              weft_type_name ((WeftType) type));
  return g_string_free (text, FALSE);
}

static bool
is_rest (const WeftOp *op, uint32_t i)
{
  return op->variadic && i == op->n_params - 1;
}

/* (transfer full) (nullable): as JSON; of required and variadic parameters there is none */
static char *
fallback_text (const WeftOp *op, uint32_t i)
{
  const WeftOpParam *param = &op->params[i];

  if (param->required || is_rest (op, i))
    return NULL;
  if (weft_value_type (&param->fallback) == WEFT_TYPE_EMPTY)
    return g_strdup ("null");
  return weft_value_to_text (&param->fallback, true, 0);
}

/* "add(a: number, b: number)", "list(*values: any)" (transfer full) */
static char *
signature (const WeftOp *op)
{
  GString *text = g_string_new (op->name);

  g_string_append_c (text, '(');
  for (uint32_t i = 0; i < op->n_params; i++)
    {
      g_autofree char *types = types_text (op->params[i].accepts);
      g_autofree char *fallback = fallback_text (op, i);

      g_string_append_printf (text, "%s%s%s: %s", i > 0 ? ", " : "", is_rest (op, i) ? "*" : "",
                              op->params[i].name, types);
      if (fallback != NULL)
        g_string_append_printf (text, " = %s", fallback);
    }
  g_string_append_c (text, ')');
  return g_string_free (text, FALSE);
}

/* Fewest and most arguments; G_MAXUINT32: any number. */
static void
arity (const WeftOp *op, uint32_t *least, uint32_t *most)
{
  *least = 0;
  *most = op->variadic ? G_MAXUINT32 : op->n_params;
  for (uint32_t i = 0; i < op->n_params; i++)
    *least += op->params[i].required;
}

static char *
arity_text (const WeftOp *op)
{
  uint32_t least, most;
  g_autofree char *plural = NULL;

  arity (op, &least, &most);
  if (most == G_MAXUINT32)
    return g_strdup_printf ("%u or more arguments", least);
  plural = _weft_cli_plural (most, "argument");
  return least == most ? g_strdup (plural) : g_strdup_printf ("%u to %s", least, plural);
}

/* ---- one operation --------------------------------------------------------------------------- */

static char *
first_line (const char *doc)
{
  return g_strndup (doc, strcspn (doc, "\n"));
}

static void
print_op (const WeftOp *op)
{
  g_autofree char *head = signature (op);
  g_autofree char *n_args = arity_text (op);

  printf ("%s\n\n%s\n", head, op->doc != NULL ? op->doc : "");
  if (op->n_params > 0)
    putchar ('\n');
  for (uint32_t i = 0; i < op->n_params; i++)
    {
      g_autofree char *types = types_text (op->params[i].accepts);

      printf ("  %-10s %-14s %s%s\n", op->params[i].name, types,
              op->params[i].doc != NULL ? op->params[i].doc : "",
              op->params[i].required ? " (required)" : "");
    }
  printf ("\nversion %u, %s, %u output%s", op->version, n_args, op->n_outputs,
          op->n_outputs == 1 ? "" : "s");
  for (size_t i = 0; i < G_N_ELEMENTS (flag_words); i++)
    if ((op->flags & flag_words[i].flag) != 0)
      printf (", %s", flag_words[i].word);
  if (op->cost_hint_ns > 0)
    {
      g_autofree char *cost = _weft_cli_time_text (op->cost_hint_ns);

      printf (", about %s", cost);
    }
  putchar ('\n');
}

/* Names of types; what takes any value says just that. */
static void
append_types (GString *json, uint32_t accepts)
{
  g_string_append (json, accepts == WEFT_ACCEPT_ANY ? "[\"any\"]" : "[");
  if (accepts == WEFT_ACCEPT_ANY)
    return;
  for (uint32_t type = WEFT_TYPE_NONE, n = 0; type <= WEFT_TYPE_FOREIGN; type++)
    if ((accepts & WEFT_ACCEPT (type)) != 0)
      g_string_append_printf (json, "%s\"%s\"", n++ > 0 ? ", " : "",
                              weft_type_name ((WeftType) type));
  g_string_append_c (json, ']');
}

static void
append_arity (GString *json, const WeftOp *op)
{
  uint32_t least, most;

  arity (op, &least, &most);
  g_string_append_printf (json, ", \"min_args\": %u, \"max_args\": ", least);
  if (most == G_MAXUINT32)
    g_string_append (json, "null");
  else
    g_string_append_printf (json, "%u", most);
}

static void
append_flags (GString *json, uint32_t flags)
{
  bool first = true;

  g_string_append (json, "], \"flags\": [");
  for (size_t i = 0; i < G_N_ELEMENTS (flag_words); i++)
    if ((flags & flag_words[i].flag) != 0)
      {
        g_string_append_printf (json, "%s\"%s\"", first ? "" : ", ", flag_words[i].word);
        first = false;
      }
}

static void
print_op_json (const WeftOp *op)
{
  GString *json = g_string_new ("{\"name\": ");

  _weft_cli_json_string (json, op->name);
  g_string_append_printf (json, ", \"version\": %u, \"outputs\": %u, \"variadic\": %s, \"doc\": ",
                          op->version, op->n_outputs, op->variadic ? "true" : "false");
  _weft_cli_json_string (json, op->doc != NULL ? op->doc : "");
  append_arity (json, op);
  g_string_append (json, ", \"params\": [");
  for (uint32_t i = 0; i < op->n_params; i++)
    {
      g_autofree char *fallback = fallback_text (op, i);

      g_string_append (json, i > 0 ? ", {\"name\": " : "{\"name\": ");
      _weft_cli_json_string (json, op->params[i].name);
      g_string_append (json, ", \"accepts\": ");
      append_types (json, op->params[i].accepts);
      g_string_append_printf (json, ", \"required\": %s",
                              op->params[i].required ? "true" : "false");
      if (fallback != NULL)
        g_string_append_printf (json, ", \"default\": %s", fallback);
      g_string_append (json, ", \"doc\": ");
      _weft_cli_json_string (json, op->params[i].doc != NULL ? op->params[i].doc : "");
      g_string_append_c (json, '}');
    }
  append_flags (json, op->flags);
  g_string_append_printf (json, "], \"cost_hint_ns\": %" PRId64 "}", op->cost_hint_ns);
  puts (json->str);
  g_string_free (json, TRUE);
}

/* ---- all of them ----------------------------------------------------------------------------- */

/* What it does stands beside the signature, or below where that is long. */
static void
print_list (const GPtrArray *ops)
{
  for (guint i = 0; i < ops->len; i++)
    {
      const WeftOp *op = ops->pdata[i];
      g_autofree char *head = signature (op);
      g_autofree char *doc = first_line (op->doc != NULL ? op->doc : "");
      g_autofree char *cost =
          op->cost_hint_ns > 0 ? _weft_cli_time_text (op->cost_hint_ns) : g_strdup ("");
      uint32_t columns = _weft_cli_columns (head);

      if (columns > HEAD_COLUMNS)
        printf ("%s\n%*s", head, HEAD_COLUMNS, "");
      else
        printf ("%s%*s", head, (int) (HEAD_COLUMNS - columns), "");
      printf ("  %*s%s  %s\n", (int) (COST_COLUMNS - MIN (COST_COLUMNS, _weft_cli_columns (cost))),
              "", cost, doc);
    }
}

static int
print_named (WeftOpRegistry *registry, char **names, int n_names, bool json)
{
  int status = WEFT_EXIT_DONE;

  for (int i = 0; i < n_names; i++)
    {
      const WeftOp *op = weft_op_registry_find (registry, names[i], 0);
      g_autofree char *nearest = op == NULL ? weft_op_registry_suggest (registry, names[i]) : NULL;

      if (op == NULL)
        {
          _weft_cli_say ("ops: no operation “%s”%s%s%s", names[i],
                         nearest != NULL ? "; did you mean “" : "", nearest != NULL ? nearest : "",
                         nearest != NULL ? "”?" : "");
          status = WEFT_EXIT_INPUT;
        }
      else if (json)
        print_op_json (op);
      else
        print_op (op);
    }
  return status;
}

int
_weft_cli_ops (int argc, char **argv)
{
  gboolean json = FALSE;
  g_auto (GStrv) plugins = NULL;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "One JSON object a line", NULL },
    { "plugin", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &plugins,
      "Load operations from a shared object (repeatable)", "FILE" },
    { NULL },
  };
  g_autoptr (GPtrArray) ops = g_ptr_array_new ();
  WeftOpRegistry *registry;
  GError *error = NULL;
  int status;

  if (!_weft_cli_parse ("ops", "[NAME…]", "Lists the operations, or describes some of them.", NULL,
                        entries, &argc, &argv, &status))
    return status;
  registry = _weft_cli_registry (plugins, &error);
  if (registry == NULL)
    return _weft_cli_report (error);
  status = print_named (registry, argv, argc, json);
  weft_op_registry_foreach (registry, collect, ops);
  g_ptr_array_sort (ops, compare_ops);
  if (argc == 0 && json)
    g_ptr_array_foreach (ops, (GFunc) (void (*) (void)) print_op_json, NULL);
  else if (argc == 0)
    print_list (ops);
  weft_op_registry_unref (registry);
  return status;
}
