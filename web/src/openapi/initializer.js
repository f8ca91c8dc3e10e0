// Starts Swagger UI. Who signs in by one of the operations is signed in for all that follow.
const signsIn = /\/api\/v1\/auth\/(login|guest|upgrade|refresh)$/;

function remember(response) {
  if (response.ok && signsIn.test(response.url)) {
    const token = JSON.parse(response.text).data.accessToken;
    window.ui.preauthorizeApiKey('bearer', token);
  }
  return response;
}

window.onload = () => {
  window.ui = SwaggerUIBundle({
    url: '/swagger/openapi.json',
    dom_id: '#swagger-ui',
    deepLinking: true,
    displayRequestDuration: true,
    filter: true,
    persistAuthorization: true,
    tryItOutEnabled: true,
    validatorUrl: 'none',
    responseInterceptor: remember,
    presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
    plugins: [SwaggerUIBundle.plugins.DownloadUrl],
    layout: 'StandaloneLayout',
  });
};
