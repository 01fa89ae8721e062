// Turns the link to the contract into the reference page.
window.SwaggerUIBundle({
  url: document.getElementById('reference').dataset.contract,
  dom_id: '#reference',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  persistAuthorization: false,
  validatorUrl: null,
});
