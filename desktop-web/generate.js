// Makes src/types/generated/rest.ts from schema/openapi.json.
//
//   npm run generate             writes it
//   npm run generate -- --check  fails when the committed file is not what the document gives
//
// openapi-typescript translates the schemas. The routes are put among them first, each with what a caller has to give and what
// a success answers, because its own form of them is ten times as long. The envelope of an answer is taken off, as Http does.

import { readFile, writeFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';
import { format, resolveConfig } from 'prettier';
import ts from 'typescript';

const DOCUMENT = new URL('../schema/openapi.json', import.meta.url);
const TARGET = new URL('src/types/generated/rest.ts', import.meta.url);
const BASE = '/api/v1';
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** Ids by the name of their property or parameter. */
const IDS = {
  userId: 'UserId',
  userIds: 'UserId',
  friendId: 'UserId',
  fromUserId: 'UserId',
  toUserId: 'UserId',
  memberIds: 'UserId',
  ownerId: 'UserId',
  senderId: 'UserId',
  peerId: 'UserId',
  invitedBy: 'UserId',
  askedBy: 'UserId',
  mentions: 'UserId',
  conversationId: 'ConversationId',
  messageId: 'MessageId',
  clientMessageId: 'ClientMessageId',
};

/** Ids whose name says too little, by the schema or the route that they stand in. */
const PLACED_IDS = [
  [/^(Group|Conversation) id$/, 'ConversationId'],
  [/^Message id$/, 'MessageId'],
  [/^(FriendRequest id|Requested requestId)$/, 'FriendRequestId'],
  [/^\/(admin\/users|user)\/\{id\}.* id$/, 'UserId'],
  [/^\/(groups|conversations)\/\{id\}.* id$/, 'ConversationId'],
  [/^\/friends\/requests\/\{id\}.* id$/, 'FriendRequestId'],
];

const idOf = (name, where) => IDS[name] ?? PLACED_IDS.find(([place]) => place.test(`${where} ${name}`))?.[1];

/** What a type does not say. */
const UNSAID = ['default', 'example', 'examples', 'format'];

/** The text of a schema in it becomes that id. */
function branded(schema, id) {
  if (schema.items) return { ...schema, items: branded(schema.items, id) };
  return [schema.type].flat().includes('string') ? { ...schema, 'x-id': id } : schema;
}

/** Without what a type does not say, and with the ids. `where` is the schema or the route that it stands in. */
function slim(schema, where) {
  if (Array.isArray(schema)) return schema.map((part) => slim(part, where));
  if (typeof schema !== 'object' || schema === null) return schema;
  const said = Object.entries(schema).filter(([name]) => !UNSAID.includes(name));
  return mapped(Object.fromEntries(said), (value, name) =>
    name === 'properties' ? slimProperties(value, where) : slim(value, where),
  );
}

function slimProperties(properties, where) {
  return mapped(properties, (schema, name) => {
    const id = idOf(name, where);
    return id ? branded(slim(schema, where), id) : slim(schema, where);
  });
}

const mapped = (object, change) =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value, name)]));

const object = (properties, required, description) => ({ type: 'object', description, properties, required });

/** An object that has all its properties. */
const whole = (properties, description) => object(properties, Object.keys(properties), description);

/** The path or the query of a request as one object; nothing when it has none. */
function parameters(operation, place) {
  const taken = (operation.parameters ?? []).filter((parameter) => parameter.in === place);
  if (taken.length === 0) return {};
  const required = taken.filter((parameter) => parameter.required).map(({ name }) => name);
  const properties = taken.map(({ name, schema, description }) => [name, { description, ...schema }]);
  return { [place]: object(Object.fromEntries(properties), required) };
}

/** What is in the envelope: a schema by its name, where there is one. */
function dataOf(schema, schemas) {
  const name = schema?.$ref?.split('/').at(-1) ?? '';
  if (!name.startsWith('Envelope_')) return schema;
  const inner = name.slice('Envelope_'.length);
  return schemas[inner] ? { $ref: `#/components/schemas/${inner}` } : schemas[name].properties.data;
}

function route(operation, schemas) {
  const success = Object.entries(operation.responses).find(([status]) => status.startsWith('2'))?.[1];
  const body = operation.requestBody?.content['application/json']?.schema;
  const answer = dataOf(success?.content?.['application/json']?.schema, schemas);
  const parts = {
    ...parameters(operation, 'path'),
    ...parameters(operation, 'query'),
    ...(body && { body }),
    ...(answer && { answer }),
  };
  const optional = ([name, part]) =>
    (name === 'query' && part.required.length === 0) || (name === 'body' && !operation.requestBody.required);
  const required = Object.entries(parts)
    .filter((part) => !optional(part))
    .map(([name]) => name);
  return object(parts, required, operation.summary);
}

/** The routes as a schema: by path, then by method. */
function routes({ paths, components }) {
  const taken = Object.entries(paths).filter(([path]) => path.startsWith(BASE));
  const made = taken.map(([path, operations]) => {
    const methods = METHODS.filter((method) => operations[method]);
    const routes = methods.map((method) => [
      method.toUpperCase(),
      route(operations[method], components.schemas),
    ]);
    const short = path.slice(BASE.length);
    return [short, slim(whole(Object.fromEntries(routes)), short)];
  });
  return whole(Object.fromEntries(made), `The routes below ${BASE}.`);
}

/** The type of what `branded` marked; nothing for all else. */
function idType({ 'x-id': id, type }) {
  if (!id) return undefined;
  const named = ts.factory.createTypeReferenceNode(id);
  const none = ts.factory.createLiteralTypeNode(ts.factory.createNull());
  return [type].flat().includes('null') ? ts.factory.createUnionTypeNode([named, none]) : named;
}

/** A property as a declaration of its own, with its comment. */
function declare(property) {
  const exported = [ts.factory.createModifier(ts.SyntaxKind.ExportKeyword)];
  const { name, type } = property;
  const declaration = ts.isTypeLiteralNode(type)
    ? ts.factory.createInterfaceDeclaration(exported, name.text, undefined, undefined, type.members)
    : ts.factory.createTypeAliasDeclaration(exported, name.text, undefined, type);
  return ts.setSyntheticLeadingComments(declaration, ts.getSyntheticLeadingComments(property));
}

async function generate() {
  const document = JSON.parse(await readFile(DOCUMENT, 'utf8'));
  const schemas = Object.entries(document.components.schemas)
    .filter(([name]) => !name.startsWith('Envelope_'))
    .map(([name, schema]) => [name, slim(schema, name)]);
  const nodes = await openapiTS(
    {
      openapi: document.openapi,
      info: document.info,
      paths: {},
      components: { schemas: { Routes: routes(document), ...Object.fromEntries(schemas) } },
    },
    { immutable: true, silent: true, transform: idType },
  );
  const components = nodes.find((node) => node.name?.text === 'components');
  const declared = components.members.find((property) => property.name.text === 'schemas').type.members;
  const text = declared
    .map((property) => astToString(declare(property)))
    .join('\n')
    .replaceAll(/components\["schemas"\]\["(\w+)"\]/g, '$1')
    .replaceAll('@description ', '')
    .replaceAll(/^ *\* @enum .*\n/gm, '')
    .replaceAll(/\/\*\*\n *\* (.*)\n *\*\//g, '/** $1 */');
  const ids = [...new Set([...Object.values(IDS), ...PLACED_IDS.map(([, id]) => id)])].sort();
  const head = [
    '// Made from schema/openapi.json by `npm run generate`. Never edited.',
    '',
    `import type { ${ids.join(', ')} } from '@/types/ids';`,
    '',
  ];
  const style = await resolveConfig(TARGET);
  return format(`${head.join('\n')}\n${text}`, { ...style, parser: 'typescript' });
}

const made = await generate();
if (process.argv.includes('--check')) {
  const present = await readFile(TARGET, 'utf8').catch(() => '');
  if (present !== made) {
    console.error(
      'src/types/generated/rest.ts is not what schema/openapi.json gives: `npm run generate`, and commit it',
    );
    process.exit(1);
  }
} else {
  await writeFile(TARGET, made);
}
