import { describe, expectTypeOf, it } from 'vitest';
import type { Http } from '@/services/api/http';
import type { ConversationId, FriendRequestId, UserId } from './ids';
import type { Answer, Body, Method } from './rest';

/** M7: these hold when `tsc` is content. */
describe('the types of the REST routes', () => {
  it('have the ids under their names, and change nothing', () => {
    expectTypeOf<Answer<'/groups/{id}', 'GET'>['id']>().toEqualTypeOf<ConversationId>();
    expectTypeOf<Answer<'/user/search', 'GET'>['users'][number]['userId']>().toEqualTypeOf<UserId>();
    expectTypeOf<
      Answer<'/friends/requests', 'GET'>['requests'][number]['id']
    >().toEqualTypeOf<FriendRequestId>();
    expectTypeOf<Body<'/groups/{id}/members', 'POST'>>().toEqualTypeOf<{
      readonly userIds: readonly UserId[];
    }>();
  });

  it('have what the document has, and nothing else', () => {
    expectTypeOf<Method<'/groups/{id}'>>().toEqualTypeOf<'GET' | 'PATCH' | 'DELETE'>();
    expectTypeOf<Body<'/friends', 'GET'>>().toBeNever();
    expectTypeOf<Answer<'/user/profile', 'GET'>>().not.toHaveProperty('name');
    const calls = (http: Http, id: ConversationId, userId: UserId) => {
      void http.call('GET', '/groups/{id}', { path: { id } });
      // @ts-expect-error: no such route
      void http.call('GET', '/nowhere');
      // @ts-expect-error: no such method
      void http.call('PUT', '/groups/{id}', { path: { id } });
      // @ts-expect-error: the id is missing
      void http.call('GET', '/groups/{id}');
      // @ts-expect-error: a user is no conversation
      void http.call('GET', '/groups/{id}', { path: { id: userId } });
      // @ts-expect-error: no such field of the body
      void http.call('PATCH', '/groups/{id}', { path: { id }, body: { title: 'Tea' } });
      // @ts-expect-error: no such field of the query
      void http.call('GET', '/friends', { query: { page: 1 } });
      // @ts-expect-error: the body is missing
      void http.open('POST', '/auth/login');
    };
    expectTypeOf(calls).toBeFunction();
  });
});
