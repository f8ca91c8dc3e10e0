import type { Routes } from './generated/rest';

// What schema/openapi.json says of the REST routes. A route, a method or a field that it does not have does not compile.

/** A route, with its parameters in braces: `/groups/{id}`. */
export type Path = keyof Routes;

/** The methods of a route, in capitals. */
export type Method<P extends Path> = keyof Routes[P] & string;

/** A part of a route; `never` where it has none. */
type Part<P extends Path, M extends Method<P>, Name extends string> =
  Routes[P][M] extends Readonly<Partial<Record<Name, infer Value>>> ? Value : never;

/** What a success answers, out of its envelope. */
export type Answer<P extends Path, M extends Method<P>> = Part<P, M, 'answer'>;

/** What a request carries. */
export type Body<P extends Path, M extends Method<P>> = Part<P, M, 'body'>;

/** What a caller has to give: the parameters of the path, the query, the body. */
export type Input<P extends Path, M extends Method<P>> = Omit<Routes[P][M], 'answer'>;
