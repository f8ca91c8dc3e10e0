// Rule: a .tsx file has one component, a function, and bears its name. One file is one thought, and the name finds it.

const isComponentName = (name) => /^[A-Z][A-Za-z0-9]*$/.test(name ?? '');

/** The names that a top-level statement gives to functions. */
function namesOf(statement) {
  const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
  if (declaration?.type === 'FunctionDeclaration') return [declaration.id?.name];
  if (declaration?.type !== 'VariableDeclaration') return [];
  return declaration.declarations.filter(({ init }) => isFunction(init)).map(({ id }) => id.name);
}

function isFunction(node) {
  if (!node) return false;
  if (node.type === 'ArrowFunctionExpression' || node.type === 'FunctionExpression') return true;
  return node.type === 'CallExpression' && node.arguments.some(isFunction);
}

export const componentFile = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      several: 'One component per file: move {{name}} to a file of its own.',
      name: 'The file is named after its component: {{name}}.tsx.',
    },
  },
  create(context) {
    return {
      Program(program) {
        const file = context.filename.replace(/^.*[\\/]/, '').replace(/\.tsx$/, '');
        const components = program.body.flatMap((statement) =>
          namesOf(statement)
            .filter(isComponentName)
            .map((name) => ({ name, node: statement })),
        );
        components
          .slice(1)
          .forEach(({ name, node }) => context.report({ node, messageId: 'several', data: { name } }));
        const [first] = components;
        if (first && first.name !== file)
          context.report({ node: first.node, messageId: 'name', data: { name: first.name } });
      },
    };
  },
};
