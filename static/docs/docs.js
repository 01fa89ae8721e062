// Turns the link to the contract into the reference page, when its program is there.
if (window.SwaggerUIBundle) {
  window.SwaggerUIBundle({
    url: '/openapi.yaml',
    dom_id: '#reference',
    deepLinking: true,
    docExpansion: 'list',
    defaultModelsExpandDepth: 0,
    persistAuthorization: false,
    validatorUrl: null,
  });
}
